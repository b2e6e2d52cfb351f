/** Around every page: the banner when the backend is away, messages, and signing in again. */
import { Outlet } from "@tanstack/react-router";
import { AwayBanner } from "../components/AwayBanner.tsx";
import { Toasts } from "../components/Toasts.tsx";
import { SessionDialog } from "../pages/signin/SessionDialog.tsx";

export function Frame() {
  return (
    <>
      <AwayBanner />
      <Outlet />
      <Toasts />
      <SessionDialog />
    </>
  );
}
