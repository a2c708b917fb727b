// Names of objects. A key is spelled so that a readable one stays readable, and that keys with a common prefix have it in their names:
// letters, digits, `-`, `_` and `:` are themselves; so is `.` between two of those; all other bytes are `~` and two hex digits. A spelling
// is cut into parts, where `~/` stands between two.
//
// Names are ASCII, since S3 lists in the order of UTF-8 and Azure in that of UTF-16. A slash of a key is none in its name: MinIO does not
// list `a/b` where there is `a`, Azure with directories cannot have both, and both limit the parts between slashes.

import { StorageError } from "../errors.ts";

/** Where keys are that are spelled, and those that would be too long, of which the hash is. */
const SPELLED = "k/";
const HASHED = "h/";
/** Where parts of large values are. */
const PARTS = "n/";
/** How much longer than the name of a key those of its parts are. */
const PART_EXTRA_LENGTH = 36;
/** What servers allow; MinIO allows 255 for what is between two slashes. */
const MAX_NAME_LENGTH = 1024;
const PART_LENGTH = 200;
const CUT = "~/";

const HEX = "0123456789abcdef";
const PLAIN = /[A-Za-z0-9:_-]/;
const DOT = 0x2e;

function isPlain(byte: number | undefined): boolean {
  return byte !== undefined && byte < 128 && PLAIN.test(String.fromCharCode(byte));
}

/** The spelling of a key, which is not empty even if the key is. */
export function spell(key: Uint8Array): string {
  let name = key.length === 0 ? "~" : "";
  for (let i = 0; i < key.length; i++) {
    const byte = key[i];
    const stays = isPlain(byte) || byte === DOT && isPlain(key[i - 1]) && isPlain(key[i + 1]);
    name += stays ? String.fromCharCode(byte) : `~${HEX[byte >> 4]}${HEX[byte & 15]}`;
  }
  return name.replace(SEGMENTS, `$&${CUT}`);
}

/** Every part but the last. */
const SEGMENTS = new RegExp(`.{${PART_LENGTH}}(?=.)`, "g");

/** The key that a name spells. */
export function unspell(name: string): Uint8Array {
  const whole = name.replaceAll(CUT, "");
  const bytes: number[] = [];
  for (let i = 0; i < whole.length; i++) {
    if (whole[i] !== "~") {
      bytes.push(whole.charCodeAt(i));
    } else if (whole.length > 1) {
      bytes.push(parseInt(whole.slice(i + 1, i + 3), 16));
      i += 2;
    }
  }
  return Uint8Array.from(bytes);
}

/** How the names of all keys begin that begin with these bytes and are spelled. */
function spellPrefix(bytes: Uint8Array): string {
  const end = bytes.at(-1) === DOT ? bytes.length - 1 : bytes.length; // how a dot is spelled depends on what comes next
  return end === 0 ? "" : spell(bytes.subarray(0, end));
}

/** The names of a store's objects, all of which begin with a prefix. */
export class Names {
  readonly prefix: string;

  constructor(prefix: string) {
    if (!/^([\w.:~-]+\/)*$/.test(prefix) || /(^|\/)\.+\//.test(prefix) || prefix.length > 512) {
      throw new StorageError(
        "CONFIG",
        `Cannot use prefix: expected up to 512 letters, digits and -_.:~ with a slash behind each part, received ${
          JSON.stringify(prefix)
        }`,
      );
    }
    this.prefix = prefix;
  }

  /** The name of the object that a key has. O(key). */
  async of(key: Uint8Array): Promise<string> {
    const room = MAX_NAME_LENGTH - this.prefix.length - SPELLED.length - PART_EXTRA_LENGTH;
    const spelled = key.length <= room ? spell(key) : null;
    if (spelled !== null && spelled.length <= room) return this.prefix + SPELLED + spelled;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", key as Uint8Array<ArrayBuffer>));
    return this.prefix + HASHED + Array.from(digest, (byte) => HEX[byte >> 4] + HEX[byte & 15]).join("");
  }

  /** The name of a part of what the key has whose object is `objectName`. No key is spelled with `~` behind a slash. */
  partOf(objectName: string, id: string): string {
    return `${this.prefix}${PARTS}${objectName.slice(this.prefix.length)}/~${id}`;
  }

  /** How the names of all parts begin. */
  get partPrefix(): string {
    return this.prefix + PARTS;
  }

  /** What `partOf` has made a name of; `null` for one that it has not. */
  parsePart(name: string): { objectName: string; id: string } | null {
    const [, spelled, id] = /^(.+)\/~([0-9a-f]{32})$/.exec(name.slice(this.partPrefix.length)) ?? [];
    return spelled === undefined ? null : { objectName: this.prefix + spelled, id };
  }

  /** The prefixes of the names of all keys that begin with these bytes, and of some others. */
  listPrefixes(bytes: Uint8Array): string[] {
    return [this.prefix + SPELLED + spellPrefix(bytes), this.prefix + HASHED];
  }

  /** The key whose object has this name; `null` where that is to be found in the object alone. */
  keyOf(name: string): Uint8Array | null {
    const rest = name.slice(this.prefix.length);
    return rest.startsWith(SPELLED) ? unspell(rest.slice(SPELLED.length)) : null;
  }
}
