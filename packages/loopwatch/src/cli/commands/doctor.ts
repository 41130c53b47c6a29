/** `loopwatch doctor`: what works here, and what to do about what does not. */
import type { Finding } from '../doctor/finding.js';
import { journal, logTarget, options, sentry } from '../doctor/settings.js';
import { inspector, nodeVersion, permissions, procFiles, ptrace } from '../doctor/system.js';
import { catchesBlock, reachesProcess } from '../doctor/trial.js';
import { Exit } from '../terminal/outcome.js';
import { Output } from '../terminal/output.js';
import { table } from '../terminal/table.js';

async function findings(out: Output): Promise<Finding[]> {
  const found = [nodeVersion(), inspector(), permissions(), ...procFiles(), ptrace()];
  const { settings, finding } = options();
  found.push(finding);
  if (settings !== null) {
    found.push(journal(settings), logTarget(settings));
    out.progress('asking Sentry');
    found.push(await sentry(settings));
  }
  out.progress('blocking a process, to see whether that is caught');
  found.push(await catchesBlock());
  out.progress('looking into a process');
  found.push(await reachesProcess());
  return found;
}

export async function doctor({ json = false }: { readonly json?: boolean }): Promise<number> {
  const out = new Output();
  const found = await findings(out);
  if (json) out.json(found);
  else out.result(table(found.map(({ check, verdict, detail }) => [verdict, check, detail])));
  return found.some(({ verdict }) => verdict === 'fail') ? Exit.found : Exit.fine;
}
