/** YAML that reads back the same by the rules of 1.2 and of 1.1, which `az` (PyYAML) follows. */
import { Document, visit } from 'yaml';

/**
 * What PyYAML refuses or takes for a line break, and what hides or reorders text for a reader.
 * Control characters, formatting characters, separators, and what is no character.
 */
const UNREADABLE = /[\p{Cf}\p{Cs}\u007f-\u009f\u2028\u2029\ufffe\uffff]/u;
/** Read alike by both rules without quotes, but for what the library itself quotes ... */
const PLAIN = /^(?:\.{1,2}\/)*[\p{L}\p{N}$/][\p{L}\p{N} $._/@:+'"(),;=-]*$/u;

/** ... and for words that only PyYAML takes for something else: bases of sixty, odd numbers. */
const SPECIAL = /^[-+.]?[0-9][0-9_.:]*(?:e[-+]?[0-9_]+)?$|^[yn]$/i;

const escape = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
};

/** No folding of long strings and no anchors: what is read by people stays as it is. */
export function yamlText(value: unknown): string {
  const document = new Document(value, { compat: 'yaml-1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      const text = node.value;
      if (typeof text !== 'string') return;
      if (!PLAIN.test(text) || SPECIAL.test(text)) node.type = 'QUOTE_DOUBLE';
    },
  });
  // Such a character is in a double-quoted string only, where an escape says the same.
  return document.toString({ lineWidth: 0 }).replaceAll(new RegExp(UNREADABLE, 'gu'), escape);
}
