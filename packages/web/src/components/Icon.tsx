/** Line icons, 16 px, drawn in the text's colour. */
const PATHS = {
  pulse: "M1 9h3l2-5 3 9 2-6 1 2h3",
  events: "M3 4h10M3 8h10M3 12h6",
  entities: "M2 3h12v4H2zM2 9h12v4H2zM5 5h0M5 11h0",
  checks: "M3 8l3 3 7-7",
  certificate: "M2 2.5h12v8H2zM5 5.5h6M5 7.5h3M11 9.5a1.7 1.7 0 100 3.4 1.7 1.7 0 000-3.4zM10 12.5V15l1-.7 1 .7v-2.5",
  silence: "M2 6v4h3l4 3V3L5 6zM12 6l3 4M15 6l-3 4",
  user: "M8 8a3 3 0 100-6 3 3 0 000 6zM2.5 14c.5-3 2.5-4 5.5-4s5 1 5.5 4",
  ok: "M3 8.5l3.5 3.5L13 4.5",
  warning: "M8 2l6.5 12h-13zM8 6.5v3.5M8 12v0",
  critical: "M8 1.5a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM5.5 5.5l5 5M10.5 5.5l-5 5",
  unknown: "M6 6a2 2 0 114 0c0 1.5-2 1.5-2 3.2M8 12v0M8 1.5a6.5 6.5 0 100 13 6.5 6.5 0 000-13z",
  run: "M5 3l8 5-8 5z",
  trash: "M3 4h10M6 4V2.5h4V4M4.5 4l.5 9.5h6l.5-9.5",
  plus: "M8 3v10M3 8h10",
  search: "M7 12a5 5 0 100-10 5 5 0 000 10zM11 11l3.5 3.5",
  back: "M10 3L5 8l5 5",
  next: "M6 3l5 5-5 5",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5 5h8v9H5zM3 11V2h8",
  skip: "M3 8h10",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
