import { it } from 'vitest';
import { step } from '../../electron/phone/step.ts';
import { runModel } from '../unit/phone/model/run.ts';
it('dbg', () => {
  const lines: string[] = [];
  const r = runModel({ seed: Number(process.env.SEED), core: (phone, event, at) => {
    const next = step(phone, event, at);
    const who = phone.config.extensions[0]?.userId ?? '';
    const t = ((at - Date.UTC(2026, 0, 1)) / 1000).toFixed(2);
    if ((process.env.WHO ?? '').split(',').includes(who) && Number(t) > Number(process.env.FROM)) lines.push(`${t} ${who} ${JSON.stringify(event).replace(/"(direction|exclusive|name|uri|identifiers|joined|remote)":[^,}]*[,]?/g, '').slice(0, 300)} => ${next.effects.filter((e)=>!e.type.includes('timer')).map((e) => e.type + ' ' + JSON.stringify(e).slice(0, 120)).join('; ')} line=${JSON.stringify(next.phone.lines[1]?.dialogs.map((d) => [d.appearance, d.dialog.id, d.dialog.state, d.dialog.local?.number]))} left=${JSON.stringify(next.phone.left.map((l) => [l.appearance, l.dialog.id]))} calls=${JSON.stringify(next.phone.calls.map((c) => [c.id, c.appearance, c.phase, c.dialogId]))}`);
    return next;
  } });
  console.log(lines.join('\n'));
  console.log(r);
});
