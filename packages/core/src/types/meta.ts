import { type Infer, message, str, stringMap } from "../codec/schema.ts";

/** */
export const ObjectMeta = message("ObjectMeta", {
  name: str(1, "O"),
  namespace: str(2, "O"),
  labels: stringMap(3, "O"),
  annotations: stringMap(4, "O"),
  created_by: str(5, "O"),
});
export interface ObjectMeta extends Infer<typeof ObjectMeta> {}
