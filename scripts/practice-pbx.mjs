// npm run practice-pbx [-- --port 6060 --address 127.0.0.1]
// The practice PBX by itself, for stations of other processes: see README, "Commands".
import { runBuilt } from './setup/headless.mjs';
import { runCommand } from './setup/report.mjs';

await runCommand(() => runBuilt('practice-pbx-cli.js'));
