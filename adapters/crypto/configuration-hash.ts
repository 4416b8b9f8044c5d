import { hash } from 'node:crypto';

/** Names a configuration by its text. Flags record it, and the command line finds out by it what a stage runs. */
export function configurationHashOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 16);
}
