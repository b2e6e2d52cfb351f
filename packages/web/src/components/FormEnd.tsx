/** What a form in a dialog ends with: what went wrong, and the two ways out. */
export function FormEnd(props: { error: string; busy: boolean; action: string; onCancel: () => void }) {
  return (
    <>
      {props.error !== "" && (
        <p className="error" role="alert">
          {props.error}
        </p>
      )}
      <div className="buttons">
        <button type="button" onClick={props.onCancel}>
          Cancel
        </button>
        <button type="submit" className="primary" disabled={props.busy}>
          {props.action}
        </button>
      </div>
    </>
  );
}
