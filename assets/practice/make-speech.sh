#!/bin/sh
# Makes the colleagues' speech anew: espeak-ng speaks, sox brings it to 8 kHz mu-law mono with a moment of silence
# before and after. Needs the packages espeak-ng and sox.
set -eu
cd "$(dirname "$0")"
say() { # FILE VOICE TEXT
  espeak-ng -v "$2" -s 150 -w /tmp/speech-$$.wav "$3"
  sox /tmp/speech-$$.wav -r 8000 -c 1 -e u-law "$1" norm -6 pad 0.4 0.6
  rm /tmp/speech-$$.wav
}
say bob-answers.wav en-gb 'Hello, this is Bob. You have reached the shared line of the practice P B X. I can hear you well. Put me on hold, if you like, and come back.'
say bob-talks.wav en-gb 'Hello, echo. It is Bob again. I am only keeping the shared line busy for a moment, so that you can see it.'
say ann-answers.wav en-gb+f3 'Hello, this is Ann. Nice to hear you. When you see the shared line blink, Bob has a call on hold.'
say ann-calls.wav en-gb+f3 'Good morning, this is Ann. I just wanted to hear whether your phone rings. It does. Have a nice day!'
