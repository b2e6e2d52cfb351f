export { parseSelector, type Selector } from "./selector.ts";
