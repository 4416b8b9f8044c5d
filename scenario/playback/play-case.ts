import { basename } from 'node:path';
import { openBytes, readLines } from '../../adapters/files/lines.ts';
import { UserError } from '../../core/user-error.ts';
import { type CaseResult, caseResult } from './case-result.ts';
import { play } from './playback.ts';
import {
  attested,
  compileConfiguration,
  configurationOf,
  type PlaybackConfiguration,
  readConfigurationJson,
} from './playback-configuration.ts';
import { type StreamLine, toStream } from './stream-line.ts';

export interface PlaySettings {
  /** Each source attests everything. */
  readonly isAttested: boolean;
  /** The configuration file; undefined for one that registers the sources of each file. */
  readonly configFile: string | undefined;
}

/** A playback holds its file and every window in memory. */
const LINES_MAX = 200_000;

/**
 * Plays one file of payment events and tells what became of each charge.
 *
 * @throws UserError when the file or the configuration cannot be used
 */
export async function playCase(file: string, settings: PlaySettings): Promise<CaseResult> {
  const stream = toStream(await linesOf(file));
  const played = await play({ stream, ...configurationFor(stream, settings) });
  return caseResult(basename(file), stream, played);
}

function configurationFor(stream: readonly StreamLine[], settings: PlaySettings): PlaybackConfiguration {
  const { isAttested, configFile } = settings;
  const sources = stream.flatMap(({ said }) => said.source ?? []);
  const json = configFile === undefined ? configurationOf(sources) : readConfigurationJson(configFile);
  return compileConfiguration(isAttested ? attested(json) : json, configFile ?? 'the configuration of the cases');
}

async function linesOf(file: string): Promise<readonly Uint8Array[]> {
  const lines: Uint8Array[] = [];
  for await (const { bytes } of readLines(await openBytes(file))) {
    if (lines.length === LINES_MAX) {
      throw new UserError(`${file} has more than ${LINES_MAX} lines; split it, or replay it on a stage`);
    }
    lines.push(bytes);
  }
  return lines;
}
