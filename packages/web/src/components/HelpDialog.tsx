import { Dialog } from "./Dialog.tsx";

const KEYS: readonly (readonly [string, string])[] = [
  ["/", "Search"],
  ["j, k", "Next, previous row"],
  ["Enter", "Open the row"],
  ["[, ]", "Previous, next page"],
  ["Escape", "Leave the search, close"],
  ["g e", "Events"],
  ["g n", "Entities"],
  ["g c", "Checks"],
  ["g s", "Silences"],
  ["g t", "Certificates"],
  ["t", "Event: run now"],
  ["s", "Event: silence"],
  ["r", "Event: resolve"],
  ["u", "Event: back to the list"],
  ["?", "This list"],
];

export function HelpDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <div className="buttons">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
