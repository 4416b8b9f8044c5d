import { bug } from '../../core/fault.ts';
import type { ExportFiles } from '../../core/jobs/export-cases.ts';

/** Exports in this process. For tests. */
export interface MemoryExportFiles extends ExportFiles {
  /** A finished file; undefined while it is not. */
  fileOf(name: string): string | undefined;
}

export function createMemoryExportFiles(): MemoryExportFiles {
  const uploads = new Map<string, Map<number, string>>();
  const rests = new Map<string, string>();
  const files = new Map<string, string>();
  const tagOf = (number: number, text: string) => `${number}-${text.length}`;

  return {
    beginFile: async (name) => {
      const id = `${name}-${uploads.size}`;
      uploads.set(id, new Map());
      return { name, id };
    },
    putPart: async ({ id }, number, text) => {
      const parts = uploads.get(id);
      if (parts === undefined) throw bug(`no upload ${id}`);
      parts.set(number, text);
      return tagOf(number, text);
    },
    endFile: async ({ name, id }, tags) => {
      const parts = uploads.get(id);
      if (parts === undefined && files.has(name)) return;
      const texts = tags.map((tag, at) => {
        const text = parts?.get(at + 1);
        if (text === undefined || tagOf(at + 1, text) !== tag) throw bug(`part ${at + 1} of ${name} is not there`);
        return text;
      });
      files.set(name, texts.join(''));
      uploads.delete(id);
    },
    keepRest: async (name, text) => void rests.set(name, text),
    readRest: async (name) => {
      const text = rests.get(name);
      if (text === undefined) throw bug(`no rest ${name}`);
      return text;
    },
    fileOf: (name) => files.get(name),
  };
}
