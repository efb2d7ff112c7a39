/** Secrets: values that print as `***` wherever they get to, and the redaction of text that may hold them. */

/** Its text form, JSON and inspection are `***`; only `reveal()` gives it away. */
export class Secret {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  reveal(): string {
    return this.#text;
  }
  toString(): string {
    return '***';
  }
  toJSON(): string {
    return '***';
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***';
  }
}

/** By shape, not by class: a plugin may carry its own copy of the SDK. */
export const isSecret = (value: unknown): value is Secret => value instanceof Secret || (typeof value === 'object' && value !== null && 'reveal' in value && typeof value.reveal === 'function');

/** Takes secrets out of text; made once a run, learns each secret when it is resolved. */
export type Redactor = { readonly learn: (secret: Secret) => void; readonly redact: (text: string) => string };

/** Knows every secret in the forms it travels in: as it is, percent-encoded, form-encoded, in JSON, in XML, and in base64. */
export function redactor(): Redactor {
  const learned = new Set<string>();
  const forms = new Set<string>();
  let longestFirst: readonly string[] | undefined;
  return {
    learn(secret) {
      const text = secret.reveal();
      if (text.length < 3 || learned.has(text)) return;
      learned.add(text);
      for (const form of [
        text,
        encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')),
        percentEncode(text),
        new URLSearchParams([['', text]]).toString().slice(1),
        JSON.stringify(text).slice(1, -1),
        xmlEncode(text),
        base64(text),
      ])
        forms.add(form);
      longestFirst = undefined;
    },
    redact(text) {
      longestFirst ??= [...forms].sort((a, b) => b.length - a.length);
      let clean = text;
      for (const form of longestFirst) clean = clean.split(form).join('***');
      // A secret inside base64 ("user:secret") has no fixed form: the whole credential goes. What ends in "-basic" is a name, and "basic edition" is no credential.
      return clean.replace(/(?<![\w-])(Basic|Bearer|BASIC|BEARER)\s+[^\s"',;]+/g, '$1 ***').replace(/(?<![\w-])(basic|bearer)\s+[^\s"',;]{16,}/gi, '$1 ***');
    },
  };
}

/** RFC 3986: everything but letters, digits and `-._~` is encoded. Half a surrogate pair becomes U+FFFD. */
export const percentEncode = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Text of an element or attribute of XML: the five characters that mean something there as references. */
export const xmlEncode = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

const base64 = (text: string): string => {
  const bytes = new TextEncoder().encode(text);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
};
