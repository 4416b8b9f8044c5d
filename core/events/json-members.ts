import { fieldPath } from './field-path.ts';

/** An event has three levels. A walk of one may recurse down to here. */
export const JSON_DEPTH_MAX = 64;

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** What one look over the bytes of a JSON text finds. */
export interface Outline {
  /** How many members the text writes down, at every level. */
  readonly members: number;
  /** A name is written with an escape. */
  readonly hasEscapedName: boolean;
  readonly isTooDeep: boolean;
}

/**
 * Looks once over the bytes of a valid JSON text; each event pays for it. `JSON.parse` keeps the last of two members of one
 * name and drops all that the first one had: so a text repeats a name exactly if it writes more members than its value has.
 */
export function outlineOf(bytes: Uint8Array): Outline {
  let [members, depth, deepest] = [0, 0, 0];
  let [hasEscape, hasEscapedName] = [false, false];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      hasEscape = false;
      // In a valid text each string ends.
      for (let inner = bytes[++at]; inner !== QUOTE; inner = bytes[++at]) {
        if (inner !== BACKSLASH) continue;
        hasEscape = true;
        at += 1;
      }
    } else if (byte === COLON) {
      members += 1;
      hasEscapedName ||= hasEscape;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth -= 1;
  }
  return { members, hasEscapedName, isTooDeep: deepest > JSON_DEPTH_MAX };
}

/** Counts the members of a parsed text, at every level. */
function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) members += membersOf(item);
    return members;
  }
  for (const name in value) {
    const member: unknown = value[name as keyof typeof value];
    members += typeof member === 'object' ? 1 + membersOf(member) : 1;
  }
  return members;
}

const STRING = /"(?:[^"\\]|\\.)*"/y;

/** What surrounds a place in the text: an object with the names that it has had so far, or a list. */
interface Level {
  readonly names: Set<string> | undefined;
  /** Of the member or item at this place. */
  name: string;
  expectsName: boolean;
}

/**
 * Returns the path of the first member of a valid JSON text whose name its object has already; undefined for none.
 *
 * An escaped name is looked up in the text itself: V8 may take it for another name, a single backslash, once any text
 * before had such a name (nodejs/node#63785), and then its members do not add up.
 */
export function repeatedMember(text: string, value: unknown, outline: Outline): string | undefined {
  const addsUp = outline.members === membersOf(value) && !outline.hasEscapedName;
  return addsUp ? undefined : firstRepeated(text);
}

/** Returns true for a valid JSON text that two programs may read in two ways, or that is too deep to be walked. */
export function isRepeatedOrTooDeep(text: string, value: unknown, bytes: Uint8Array): boolean {
  const outline = outlineOf(bytes);
  return outline.isTooDeep || repeatedMember(text, value, outline) !== undefined;
}

function firstRepeated(text: string): string | undefined {
  const levels: Level[] = [];
  for (let at = 0; at < text.length; at++) {
    const level = levels.at(-1);
    switch (text[at]) {
      case '{':
        levels.push({ names: new Set(), name: '', expectsName: true });
        break;
      case '[':
        levels.push({ names: undefined, name: '0', expectsName: false });
        break;
      case '}':
      case ']':
        levels.pop();
        break;
      case ',':
        if (level?.names === undefined) stepToNextItem(level);
        else level.expectsName = true;
        break;
      case '"': {
        STRING.lastIndex = at;
        const token = STRING.exec(text)?.[0] ?? '""';
        at += token.length - 1;
        if (!level?.expectsName) break;
        level.expectsName = false;
        level.name = String(JSON.parse(token));
        if (level.names?.has(level.name)) return fieldPath(levels.map(({ name }) => name));
        level.names?.add(level.name);
      }
    }
  }
  return undefined;
}

function stepToNextItem(list: Level | undefined): void {
  if (list !== undefined) list.name = String(Number(list.name) + 1);
}
