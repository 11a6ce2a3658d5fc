/**
 * Typing over a selection goes to the editor's state and past the browser's own editing, which would put style attributes into the
 * page to keep the look of what was selected: the content policy refuses those.
 */
import { EditorView } from '@codemirror/view';

export const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { from, to, empty } = view.state.selection.main;
    const text = event.data;
    if (empty || event.isComposing || event.inputType !== 'insertText' || text === null || view.state.selection.ranges.length > 1) return false;
    const insert = (): ReturnType<typeof view.state.update> => view.state.update(view.state.replaceSelection(text), { userEvent: 'input.type', scrollIntoView: true });
    // What listens to typing (closing brackets, say) is asked first, as for any other text.
    if (!view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, text, insert))) view.dispatch(insert());
    event.preventDefault();
    return true;
  },
});
