/**
 * The texts of the panel, in the agent's language. One file a language, all with the same keys; `{name}` in a text is
 * replaced by the parameter of that name.
 */
export const LANGUAGES = { en: 'English', ko: '한국어' };

const CHOICE = 'cti.language';
const texts = {};
const later = {};
let language = 'en';

/** A known language's code for what somebody asked for, else undefined: `ko-KR` is `ko`. */
function known(code) {
  const short = (code ?? '').slice(0, 2).toLowerCase();
  return Object.hasOwn(LANGUAGES, short) ? short : undefined;
}

function chosen() {
  try {
    return known(localStorage.getItem(CHOICE));
  } catch {
    return undefined;
  }
}

/** The agent's own choice, the page's `?lang=`, the bridge's setting, the browser's, in this order. */
export function preferredLanguage(setting) {
  const asked = known(new URLSearchParams(location.search).get('lang'));
  const browser = navigator.languages.map(known).find(Boolean);
  return chosen() ?? asked ?? known(setting) ?? browser ?? 'en';
}

/** Loads a language and shows it from now on. Resolves to whether it is another one than before. */
export async function useLanguage(code) {
  const before = texts[language] && language;
  texts[code] ??= (await import(`./${code}.js`)).default;
  language = code;
  document.documentElement.lang = code;
  return before !== code;
}

/** The agent's choice: a preference of this browser. */
export function rememberLanguage(code) {
  try {
    localStorage.setItem(CHOICE, code);
  } catch {
    // A browser that stores nothing asks again next time.
  }
}

export const currentLanguage = () => language;

/** Texts by language, which come later than the file of theirs. */
export const addTexts = (more) => {
  for (const code in more) later[code] = { ...later[code], ...more[code] };
};

const textOf = (key) => texts[language]?.[key] ?? later[language]?.[key];

/** The text of a key; the key itself when there is none, which a test forbids. */
export function t(key, parameters) {
  return filled(textOf(key) ?? key, parameters);
}

/** The text of a key that may be unknown, such as a code that the server names; else `otherwise`. */
export function tOr(key, otherwise, parameters) {
  const text = textOf(key);
  return text === undefined ? otherwise : filled(text, parameters);
}

function filled(text, parameters) {
  return parameters ? text.replace(/\{(\w+)\}/g, (whole, name) => parameters[name] ?? whole) : text;
}
