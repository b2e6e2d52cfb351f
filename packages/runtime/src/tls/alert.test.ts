import { expect, test } from "vitest";
import { plainAlert, sealedAlert, sealRecord } from "./alert.ts";

/** RFC 8448, section 3: the server's application traffic secret, and its close_notify, which is its record number 2. */
const SECRET = Buffer.from("a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643", "hex");
const CLOSE_NOTIFY = "1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9";

test("a sealed record is RFC 8448's", () => {
  expect(sealRecord(Buffer.of(1, 0), "TLS_AES_128_GCM_SHA256", SECRET, 2)?.toString("hex")).toBe(CLOSE_NOTIFY);
});

test("an alert is fatal, and its place among the records counts", () => {
  const sealed = (sequence: number) => sealedAlert("certificate_expired", "TLS_AES_128_GCM_SHA256", SECRET, sequence);
  expect(sealed(2)).toEqual(sealRecord(Buffer.of(2, 45), "TLS_AES_128_GCM_SHA256", SECRET, 2));
  expect(sealed(0)).not.toEqual(sealed(2));
});

test("a suite that is not known gives no record", () => {
  expect(sealedAlert("certificate_expired", "TLS_AES_128_CCM_SHA256", SECRET, 0)).toBeUndefined();
});

test("the alert of TLS 1.2", () => {
  expect(plainAlert("unknown_ca").toString("hex")).toBe("1503030002" + "0230");
});
