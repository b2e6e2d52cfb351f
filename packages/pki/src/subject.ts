/** Distinguished names: the attributes cfssl knows, in the order and the string types Go writes (S-21, S-37). */
import { children, type Element, expect, oid, readOid, readOnly, readText, sequence, set, TAG, tlv } from "./der.ts";

export interface Subject {
  country: string[];
  province: string[];
  locality: string[];
  street: string[];
  postalCode: string[];
  organization: string[];
  organizationalUnit: string[];
  commonName: string;
  serialNumber: string;
}

/** Field, object identifier and short name, in the order of writing. */
const ATTRIBUTES = [
  ["country", "2.5.4.6", "C"],
  ["province", "2.5.4.8", "ST"],
  ["locality", "2.5.4.7", "L"],
  ["street", "2.5.4.9", "street"],
  ["postalCode", "2.5.4.17", "postalCode"],
  ["organization", "2.5.4.10", "O"],
  ["organizationalUnit", "2.5.4.11", "OU"],
  ["commonName", "2.5.4.3", "CN"],
  ["serialNumber", "2.5.4.5", "serialNumber"],
] as const;

export interface Attribute {
  oid: string;
  value: string;
}

export function emptySubject(): Subject {
  return {
    country: [],
    province: [],
    locality: [],
    street: [],
    postalCode: [],
    organization: [],
    organizationalUnit: [],
    commonName: "",
    serialNumber: "",
  };
}

/** PrintableString where every character allows it, else UTF8String; a country is always PrintableString. */
function text(value: string, field: string): Buffer {
  const printable = field === "country" || /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value);
  return tlv(printable ? TAG.printableString : TAG.utf8String, Buffer.from(value, "utf8"));
}

/** DER of the name; several values of one attribute make one RDN. */
export function encodeSubject(subject: Subject): Buffer {
  const names: Buffer[] = [];
  for (const [field, id] of ATTRIBUTES) {
    const value = subject[field];
    const values = typeof value === "string" ? (value === "" ? [] : [value]) : value;
    if (values.length > 0) names.push(set(...values.map((one) => sequence(oid(id), text(one, field)))));
  }
  return sequence(...names);
}

/** Every attribute of a DER name in its order. */
export function readName(der: Uint8Array): Attribute[] {
  return children(readOnly(der, TAG.sequence)).flatMap((rdn: Element) =>
    children(expect(rdn, TAG.set)).map((pair) => {
      const [id, value] = children(expect(pair, TAG.sequence));
      return { oid: readOid(id), value: value === undefined ? "" : readText(value) };
    }),
  );
}

/** The known attributes of a DER name; others are left out, as Go leaves them out when it signs a request. */
export function readSubject(der: Uint8Array): Subject {
  const subject = emptySubject();
  for (const { oid: id, value } of readName(der)) {
    const field = ATTRIBUTES.find(([, known]) => known === id)?.[0];
    if (field === undefined) continue;
    if (field === "commonName" || field === "serialNumber") subject[field] = value;
    else subject[field].push(value);
  }
  return subject;
}

/** For people: `C=US, O=Acme, CN=b1.acme.example`. */
export function formatName(der: Uint8Array): string {
  return readName(der)
    .map(({ oid: id, value }) => `${ATTRIBUTES.find(([, known]) => known === id)?.[2] ?? id}=${value}`)
    .join(", ");
}

export function isEmptySubject(subject: Subject): boolean {
  return ATTRIBUTES.every(([field]) => subject[field].length === 0);
}
