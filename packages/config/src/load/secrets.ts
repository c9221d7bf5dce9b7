import { asRecord } from './asRecord.ts';

export const MASK = '***';
const SECRET_NAME = /passw|passphrase|_pwd|secret|token(?!i[sz])|credential|api_?-?key|private_?-?key/i;
/** Shorter ones occur inside ordinary words, and hiding them would make a message unreadable. */
const SHORTEST = 4;
const SHORTEST_IN_ENVIRONMENT = 8;
/** Words of our own sentences. Whoever has one for a password hides nothing by it; at its own place it is masked all the same. */
const ORDINARY = new Set([
  'postgres',
  'postgresql',
  'redis',
  'reindeer',
  'password',
  'secret',
  'admin',
  'operator',
  'viewer',
  'localhost',
]);

/** Whether a key or variable of this name holds what signs somebody in. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/**
 * The url without its password. Greedy, up to the last `@`: a password may hold an unescaped `@` or `/`, and showing
 * too little is the safe mistake.
 */
export function maskUrl(url: string): string {
  // Without a host that can be told from the password: only what kind of url it was meant to be.
  if (!URL.canParse(url) && !url.includes('@')) return `${/^\w+:(\/\/)?/.exec(url)?.[0] ?? ''}${MASK}`;
  const named = url.replace(/([?&;\s][\w-]*(?:passw|pwd|secret|token|api_?key)[\w-]*=)[^&;\s]*/gi, `$1${MASK}`);
  if (!named.includes('@')) return named;
  const [, scheme = '', user = '', rest = ''] = /^(\w[\w+.-]*:\/\/)([^:@/?#\s]*)(:?)[\s\S]*@/.exec(named) ?? [];
  if (scheme === '') return MASK;
  const tail = named.slice(named.lastIndexOf('@'));
  // `redis://something@host`: a user by the rules, a password by mistake.
  return rest === '' && /^rediss?:/i.test(scheme)
    ? `${scheme}${MASK}${tail}`
    : `${scheme}${user}${rest && `:${MASK}`}${tail}`;
}

/** What must not be shown of one configuration, and how to hide it. */
export class Secrets {
  readonly #texts = new Set<string>();

  /** Everything secret in a value: what stands under secret names, and the passwords of urls. */
  learn(value: unknown, name = ''): void {
    if (typeof value === 'string') {
      if (isSecretName(name)) this.add(value);
      const url = /:\/\/([^:@/?#\s]*):([\s\S]*)@/.exec(value);
      if (url !== null) this.add(url[2] ?? '');
      for (const [, given] of value.matchAll(/(?:passw(?:or)?d|pwd|secret|token)=([^&;\s'"]*)/gi))
        this.add(given ?? '');
      return;
    }
    if (typeof value === 'number' && isSecretName(name)) this.add(String(value));
    if (Array.isArray(value)) for (const item of value) this.learn(item, name);
    // Not what is below: a mapping of a field called `password` says nothing secret.
    for (const [key, item] of Object.entries(asRecord(value) ?? {})) this.learn(item, key);
  }

  /** What the environment holds under secret names, and in urls: a module may throw an error that shows it. */
  learnEnvironment(env: Readonly<Record<string, string | undefined>>): void {
    // PASSWORD_FILE is a path.
    for (const [name, value] of Object.entries(env))
      if (value !== undefined && value.length >= SHORTEST_IN_ENVIRONMENT && !name.endsWith('_FILE'))
        this.learn(value, name);
  }

  /** A text that is secret wherever it occurs. */
  add(text: string): void {
    const forms = [text, JSON.stringify(text).slice(1, -1), decoded(text), encodeURIComponent(text.toWellFormed())];
    for (const form of forms) if (form.length >= SHORTEST && !ORDINARY.has(form)) this.#texts.add(form);
  }

  /** The text without any of them. */
  hide(text: string): string {
    let hidden = text;
    // The longest first: one may hold another.
    for (const secret of [...this.#texts].sort((a, b) => b.length - a.length)) {
      hidden = hidden.replaceAll(secret, MASK);
      // A text that was cut ends with the beginning of one.
      for (let length = secret.length; length >= SHORTEST; length -= 1)
        hidden = hidden.replaceAll(`${secret.slice(0, length)}…`, `${MASK}…`);
    }
    return hidden;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
