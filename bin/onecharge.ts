import { Command } from 'commander';
import { addAttestationsCommands } from '../cli/commands/attestations-command.ts';
import { capsConfirmCommand, capsRaiseCommand, capsShowCommand } from '../cli/commands/caps-command.ts';
import { eraseCommand } from '../cli/commands/erase-command.ts';
import { freezeCommand, thawCommand } from '../cli/commands/freeze-command.ts';
import { addKeysCommands } from '../cli/commands/keys-command.ts';
import { migrateCommand } from '../cli/commands/migrate-command.ts';
import { payerLinkCommand } from '../cli/commands/payer-link-command.ts';
import { addQuarantineCommands } from '../cli/commands/quarantine-command.ts';
import { explainCommand, reconcileCommand } from '../cli/commands/reconcile-command.ts';
import { addRedriveOptions, redriveCommand } from '../cli/commands/redrive-command.ts';
import { replayCommand } from '../cli/commands/replay-command.ts';
import { signCommand } from '../cli/commands/sign-command.ts';
import { statusCommand } from '../cli/commands/status-command.ts';
import { tailCommand } from '../cli/commands/tail-command.ts';
import { verifyCommand } from '../cli/commands/verify-command.ts';
import { waitingCommand } from '../cli/commands/waiting-command.ts';
import { YES } from '../cli/open-to-change.ts';
import { LOCAL_STAGE } from '../cli/paths.ts';
import { count, runCommand, wholeNumber, withExitCode } from '../cli/run-command.ts';
import { reasonOption } from '../cli/text-option.ts';
import { UserError } from '../core/user-error.ts';
import { addLocalOptions, runLocalCommand } from '../local/local-command.ts';
import type { CasesOptions } from '../scenario/playback/cases-command.ts';

const STAGE = ['--stage <stage>', 'the deployed stage: local is the emulator, others are on AWS', LOCAL_STAGE] as const;

const program = new Command('onecharge').description(
  'Finds duplicate charges on a stream of payment events and gives the money back.',
);

addLocalOptions(program.command('local').description('bring Onecharge up on this machine (npm start)')).action(
  withExitCode(runLocalCommand),
);

program
  .command('replay')
  .description('put a file of events on the stream: NDJSON, CSV, or gzip of either')
  .argument('<file>')
  .option('--map <file>', "how the file's columns become events (docs/replay.md)")
  .option('--limit <n>', 'only the first n lines', count)
  .option('--rate <n>', 'at most n events a second', count)
  .option(...YES)
  .option(...STAGE)
  .action(withExitCode(replayCommand));

program
  .command('scenario')
  .description('write an event file and its ground truth')
  .argument('<name>', 'double11 or week')
  .option('--orders <n>', 'how many orders double11 has; a week has as many as its stories', wholeNumber)
  .option('--seed <n>', 'same seed, same file', wholeNumber, 1)
  .option('--out <file>', 'the event file; its truth goes beside it')
  .action(writeScenarioFiles);

addRedriveOptions(program.command('redrive').description('put back what exhausted its retries')).action(
  withExitCode(redriveCommand),
);

addQuarantineCommands(program.command('quarantine').description('look at refused records, repair or discard them'));

program
  .command('cases')
  .description('play each *.ndjson file of a folder on the core, with a virtual clock (docs/cases.md)')
  .argument('<folder>')
  .option('--json', 'one JSON line a file')
  .option('--attested', 'each source attests single-charge, totals and closings')
  .option('--config <file>', 'a configuration; without it the sources of each file are registered')
  .action(playCases);

changeOptions(program.command('freeze').description('stop all refunds, or those of one merchant'))
  .requiredOption('--reason <text>', 'the reason, for the record')
  .option('--merchant <merchant>', 'this merchant only')
  .action(freezeCommand);
changeOptions(program.command('thaw').description('end a freeze: one operator asks, another confirms'))
  .option('--reason <text>', 'ask, with the reason for the record; it shows what the thaw releases')
  .option('--merchant <merchant>', 'with --reason: this merchant only')
  .option('--confirm <id>', 'confirm the thaw that another operator asked for')
  .action(thawCommand);

addAttestationsCommands(
  program.command('attestations').description('suspended attestations of processors, and their restoration'),
);

addKeysCommands(
  program.command('keys').description('signing keys of the sources: add, list, retire (docs/signing.md)'),
);

program
  .command('sign')
  .description('sign the events on standard input, one a line (docs/signing.md)')
  .option('--keys <file>', 'keys as `onecharge keys add` writes them; without it those of the stage')
  .option(...STAGE)
  .action(withExitCode(signCommand));

const caps = program.command('caps').description('what an hour may refund at most (docs/caps.md)');
caps
  .command('show')
  .description('the configured caps, and the most that each actor can cause to be refunded in one hour')
  .option('--json', 'each actor as one line of NDJSON')
  .option('--stage <stage>', 'whose configuration', LOCAL_STAGE)
  .action(capsShowCommand);
changeOptions(
  caps.command('raise').description('ask to raise a cap for at most 24 hours; another approver confirms it'),
)
  .requiredOption('--currency <code>', 'in which currency')
  .requiredOption('--max-minor <n>', 'what all refunds of an hour may sum up to, in minor units', count)
  .requiredOption('--until <time>', 'when the raise ends')
  .requiredOption('--reason <text>', 'the reason, for the record')
  .option('--merchant <merchant>', 'the cap of this merchant; without it the total')
  .action(capsRaiseCommand);
changeOptions(caps.command('confirm').description('confirm a raise that another one asked for'))
  .argument('<id>')
  .action(capsConfirmCommand);

program
  .command('migrate')
  .description('bring the charges and claims of version 1 over (docs/upgrade.md); without --apply it only counts')
  .option('--apply', 'write, and end the freeze')
  .option('--leave-unreadable', 'end the freeze although some items cannot be read')
  .option('--table <name>', 'a table of version-1 windows; without it the one of the stack')
  .option(...YES)
  .option(...STAGE)
  .action(withExitCode(migrateCommand));

program
  .command('status')
  .description('charges processed, flagged, held and refunded, open incidents, and how far detection lags')
  .option('--json', 'as one JSON object')
  .option(...STAGE)
  .action(statusCommand);

program
  .command('waiting')
  .description('refunds that wait for an approver, best score first, and why each waits (docs/holds.md)')
  .option('--limit <n>', 'how many at most', count, 25)
  .option('--json', 'as NDJSON')
  .option(...STAGE)
  .action(waitingCommand);

program
  .command('tail')
  .description('flags and refunds as they happen, until Ctrl-C')
  .option('--json', 'as NDJSON')
  .option('--seconds <n>', 'end after this number of seconds', count)
  .option(...STAGE)
  .action(tailCommand);

program
  .command('verify')
  .description('check the audit chains of all cases, or of one, and name the first broken entry of each')
  .option('--case <id>', 'this case only')
  .option(...STAGE)
  .action(withExitCode(verifyCommand));

program
  .command('payer-link')
  .description('print a signed address that shows one payer what became of their charges')
  .requiredOption('--payer <token>', 'whose charges')
  .requiredOption('--source <source>', 'the processor whose tokens these are')
  .option('--merchant <token>', 'with --order: the charges of an order')
  .option('--order <token>', 'with --merchant')
  .option('--charge <id>', 'the charges of the case to which this one belongs')
  .option('--days <n>', 'how long it is good', count, 7)
  .option(...STAGE)
  .action(withExitCode(payerLinkCommand));

program
  .command('erase')
  .description("put a placeholder in the place of a payer's token (docs/data.md); without --apply it only counts")
  .requiredOption('--payer <token>', 'whose token')
  .requiredOption('--source <source>', 'the processor whose token it is')
  .requiredOption('--reason <text>', 'which request asks for it, for the record', reasonOption)
  .option('--apply', 'write')
  .option(...YES)
  .option(...STAGE)
  .action(withExitCode(eraseCommand));

program
  .command('reconcile')
  .description("compare our refunds with a processor's refund report (docs/reconcile.md)")
  .argument('<file>')
  .option('--map <file>', 'what each column of the list means')
  .option('--source <source...>', 'which sources the list speaks for; without it those that it names')
  .option('--from <time>', 'since when it speaks; without it since its first refund')
  .option('--to <time>', 'until before when it speaks; without it until its last refund')
  .option('--dry-run', 'only compare: mark nothing, send no alert')
  .option(...YES)
  .option(...STAGE)
  .action(withExitCode(reconcileCommand));

program
  .command('explain')
  .description('explain a difference that reconcile has found, with the reason')
  .argument('<flag>')
  .requiredOption('--reason <text>', 'what it was, for the record', reasonOption)
  .option(...YES)
  .option(...STAGE)
  .action(explainCommand);

await runCommand(program, process.argv);

interface ScenarioOptions {
  readonly orders?: number;
  readonly seed: number;
  readonly out?: string;
}

async function writeScenarioFiles(name: string, options: ScenarioOptions): Promise<void> {
  const { out = `${name}.ndjson` } = options;
  const { events, charges } = await writeNamed(name, { ...options, out });
  const { truthFileOf } = await import('../scenario/write-files.ts');
  console.log(`${out}: ${events} events of ${charges} charges; their truth: ${truthFileOf(out)}`);
}

async function writeNamed(name: string, { orders, seed, out }: ScenarioOptions & { readonly out: string }) {
  if (name === 'week') {
    if (orders !== undefined) throw new UserError('a week has as many orders as its stories; leave --orders out');
    const { writeWeek } = await import('../scenario/week.ts');
    return writeWeek({ seed, out });
  }
  if (name !== 'double11') throw new UserError(`unknown scenario ${name}; allowed: double11, week`);
  if (orders === undefined) throw new UserError('double11 needs --orders; for example --orders 1500');
  const { writeScenario } = await import('../scenario/double11.ts');
  return writeScenario({ orders, seed, out });
}

async function playCases(folder: string, options: CasesOptions): Promise<void> {
  const { casesCommand } = await import('../scenario/playback/cases-command.ts');
  await casesCommand(folder, options);
}

function changeOptions(command: Command): Command {
  return command.option(...YES).option(...STAGE);
}
