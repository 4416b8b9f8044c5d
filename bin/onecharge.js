#!/usr/bin/env node
// Runs the CLI with a Node that reads TypeScript: this one if it can, else the one that the project installs.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major >= 24 || (major === 22 && minor >= 18)) await import('./onecharge.ts');
else {
  const path = (name) => fileURLToPath(new URL(name, import.meta.url));
  const env = { ...process.env, ONECHARGE_LAUNCHED: '1' };
  const args = [path('onecharge.ts'), ...process.argv.slice(2)];
  const child = spawn(path('../node_modules/.bin/node'), args, { stdio: 'inherit', env });
  // A Ctrl-C reaches the child from the terminal; what is sent to us alone is passed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', () => {
    process.stderr.write('onecharge: Node 22.18 or newer is missing; run `npm ci` in the project, which brings it\n');
    process.exit(1);
  });
  child.on('exit', (code, signal) => (signal === null ? process.exit(code) : process.kill(process.pid, signal)));
}
