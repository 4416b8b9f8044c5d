import { Command } from 'commander';
import { runCommand, withExitCode } from '../cli/run-command.ts';
import { addLocalOptions, runLocalCommand } from './local-command.ts';

const command = addLocalOptions(new Command('start').description('Brings Onecharge up on this machine.'));
await runCommand(command.action(withExitCode(runLocalCommand)), process.argv);
