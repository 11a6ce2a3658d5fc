/** The editor in the page's tokens: nothing is fixed, so light and dark follow by themselves. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const look = EditorView.theme({
  '&': { fontSize: '13px', backgroundColor: 'var(--panel)', color: 'var(--text-1)', border: '1px solid var(--control-line)', borderRadius: 'var(--radius)' },
  '&:hover': { borderColor: 'var(--text-3)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '20px', maxHeight: '240px', overflow: 'auto' },
  '.cm-content': { padding: '5px 0', caretColor: 'var(--text-1)', minHeight: '20px' },
  '.cm-line': { padding: '0 10px' },
  '.cm-placeholder': { color: 'var(--text-3)' },
  '.cm-cursor': { borderLeftColor: 'var(--text-1)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--accent-soft)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--accent-soft)', outline: '1px solid var(--accent)' },
  '&.cm-focused .cm-nonmatchingBracket, .cm-nonmatchingBracket': { backgroundColor: 'var(--critical-soft)', color: 'var(--critical)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--critical)', textUnderlineOffset: '4px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warning)', textUnderlineOffset: '4px' },
  '.cm-tooltip': { backgroundColor: 'var(--panel)', color: 'var(--text-1)', border: '1px solid var(--line)', borderRadius: 'var(--radius)', boxShadow: 'var(--overlay-shadow)', maxWidth: 'min(520px, 90vw)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '13px', maxHeight: '260px', minWidth: '260px', padding: '4px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px', borderRadius: 'var(--radius-chip)', lineHeight: '20px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-soft)', color: 'var(--text-1)' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700', color: 'var(--accent)' },
  '.cm-completionDetail': { color: 'var(--text-2)', fontStyle: 'normal', fontFamily: 'var(--font)', fontSize: '12px', marginLeft: '12px' },
  '.cm-tooltip.cm-completionInfo': { padding: '8px 10px', fontFamily: 'var(--font)', fontSize: '13px' },
  '.cm-diagnostic': { padding: '6px 10px', fontFamily: 'var(--font)', fontSize: '13px', borderLeft: '3px solid var(--info)', whiteSpace: 'pre-wrap' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--critical)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warning)' },
  '.promql-hover': { padding: '8px 10px', fontFamily: 'var(--font)', fontSize: '13px', lineHeight: '18px', maxWidth: '420px' },
  '.promql-hover strong': { fontFamily: 'var(--mono)', overflowWrap: 'anywhere' },
});

/** Colour marks kinds of words, weight the words that do something; all of them keep the contrast of text. */
const words = HighlightStyle.define([
  { tag: tags.function(tags.variableName), color: 'var(--info)' },
  { tag: [tags.operatorKeyword, tags.modifier, tags.logicOperator], color: 'var(--accent)', fontWeight: '600' },
  { tag: tags.labelName, color: 'var(--text-2)' },
  { tag: tags.string, color: 'var(--ok)' },
  { tag: tags.number, color: 'var(--warning)' },
  { tag: tags.comment, color: 'var(--text-3)', fontStyle: 'italic' },
  { tag: [tags.operator, tags.arithmeticOperator, tags.paren, tags.squareBracket, tags.brace], color: 'var(--text-2)' },
]);

export const promQLTheme: Extension = [look, syntaxHighlighting(words)];
