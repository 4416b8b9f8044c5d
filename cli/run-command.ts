import { type Command, CommanderError, InvalidArgumentError } from 'commander';
import { UserError } from '../core/user-error.ts';
import { endProcess, isProcessEnding } from './process/ending.ts';
import { fileReasonOf, reasonOf } from './reasons.ts';

/** Parses the arguments and runs the action; every fault that a user can repair is one line, and all ends in order. */
export async function runCommand(root: Command, argv: readonly string[]): Promise<never> {
  explainAllFaults(root);
  try {
    await root.parseAsync(argv);
    return await endProcess(Number(process.exitCode ?? 0));
  } catch (error) {
    return await endProcess(isProcessEnding() ? 1 : report(error));
  }
}

/** Turns an action that answers with an exit code into one that commander takes. */
export function withExitCode<T extends unknown[]>(
  action: (...args: T) => Promise<number>,
): (...args: T) => Promise<void> {
  return async (...args) => {
    process.exitCode = await action(...args);
  };
}

export function count(text: string): number {
  if (/^[1-9]\d{0,11}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}

export function wholeNumber(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 0.');
}

export function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('It must be a port from 0 to 65535.');
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  const line = error instanceof UserError ? error.message : (fileReasonOf(error) ?? reasonOf(error));
  process.stderr.write(`onecharge: ${line ?? stackOf(error)}\n`);
  return error instanceof UserError ? error.exitCode : 1;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function explainAllFaults(command: Command): void {
  explainFaults(command);
  for (const sub of command.commands) explainAllFaults(sub);
}

/** Commander says what is wrong; we add what would be right. Its help and version are no errors. */
function explainFaults(command: Command): void {
  command.configureOutput({ outputError: () => {} });
  command.exitOverride((error) => {
    if (error.exitCode !== 0 && error.code !== 'commander.help') {
      const fault = error.message
        .replace(/^error: /, '')
        .trim()
        .replaceAll('\n', ' ');
      process.stderr.write(`onecharge: ${fault}${allowed(command, error.code)}\n`);
    }
    throw error;
  });
}

function allowed(command: Command, code: string): string {
  switch (code) {
    case 'commander.unknownOption':
      return `; allowed: ${[...command.options.map(({ long }) => long), '--help'].join(', ')}`;
    case 'commander.unknownCommand':
      return `; allowed: ${command.commands.map((sub) => sub.name()).join(', ')}`;
    default:
      return '';
  }
}
