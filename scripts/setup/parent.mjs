/** @type {NodeJS.Timeout | undefined} */
let watch;

/**
 * Ends this command when the npm that runs it is ended. npm passes SIGTERM to the shell between us only, and that
 * shell dies of it without a word to us; so we look whether our parent is still the one that started us.
 */
export function endWithParent() {
  if (process.platform === 'win32' || process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  watch = setInterval(() => {
    if (process.ppid === parent) return;
    outliveParent();
    process.kill(process.pid, 'SIGTERM');
  }, 200).unref();
}

/** From now on the parent's end is not ours. */
export function outliveParent() {
  clearInterval(watch);
}
