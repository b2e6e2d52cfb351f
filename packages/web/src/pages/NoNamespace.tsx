import { session, userOf } from "../data/session.ts";
import { useSignal } from "../data/signal.ts";

/** U-44: not there, or not for this user; U-31: nothing at all is for this user. */
export function NoNamespace({ namespace, reachable }: { namespace: string; reachable: readonly string[] }) {
  const user = userOf(useSignal(session));
  if (reachable.length > 0) {
    return (
      <div className="empty">
        <h1>No such namespace</h1>
        <p>
          There is no namespace <code>{namespace}</code>, or you may not see it. Choose another one at the top.
        </p>
      </div>
    );
  }
  return (
    <div className="empty">
      <h1>Nothing to see yet</h1>
      <p>
        You are signed in as <b>{user.name}</b>, but no role gives you access to any namespace.
      </p>
      <p className="faint">
        {user.groups.length > 0 ? `Your groups: ${user.groups.join(", ")}. ` : ""}Ask an administrator for a role
        binding.
      </p>
    </div>
  );
}
