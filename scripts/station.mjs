// npm run station -- --profile FILE --control PATH [--audio-in F.wav --audio-out F.wav]
// The phone without a window, in plain Node: see README, "Commands".
import { runBuilt } from './setup/headless.mjs';
import { runCommand } from './setup/report.mjs';

await runCommand(() => runBuilt('headless.js'));
