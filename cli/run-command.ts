import { type Command, CommanderError, InvalidArgumentError } from 'commander';
import { UserError } from '../core/user-error.ts';
import { endProcess, isProcessEnding } from './process/ending.ts';

/** Parses the arguments and runs the action; every fault that a user can mend is one line, and all ends in order. */
export async function runCommand(root: Command, argv: readonly string[]): Promise<never> {
  for (const command of [root, ...root.commands]) explainFaults(command);
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
  if (error instanceof UserError) {
    process.stderr.write(`onecharge: ${error.message}\n`);
    return error.exitCode;
  }
  if (isFileFault(error)) {
    process.stderr.write(`onecharge: ${error.path} cannot be used: ${error.message.split(',')[0]}\n`);
    return 1;
  }
  process.stderr.write(`onecharge: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}

/** The system refused a file: it is not there, may not be read or written, or is a folder. */
function isFileFault(error: unknown): error is Error & { readonly path: string } {
  return error instanceof Error && 'syscall' in error && 'path' in error && typeof error.path === 'string';
}

/** Commander says what is wrong; we add what would be right. */
function explainFaults(command: Command): void {
  command.exitOverride();
  command.configureOutput({
    outputError: (text, write) => {
      const fault = text
        .replace(/^error: /, '')
        .trim()
        .replaceAll('\n', ' ');
      write(`onecharge: ${fault}${allowed(command, fault)}\n`);
    },
  });
}

function allowed(command: Command, fault: string): string {
  if (fault.startsWith('unknown option')) {
    return `; allowed: ${[...command.options.map(({ long }) => long), '--help'].join(', ')}`;
  }
  if (fault.startsWith('unknown command')) return `; allowed: ${command.commands.map((sub) => sub.name()).join(', ')}`;
  return '';
}
