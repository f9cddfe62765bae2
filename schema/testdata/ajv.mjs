// Judges YAML documents as an editor does: YAML 1.2's core types, then ajv. Reads {schemas, cases} from stdin and
// prints a verdict for each case: valid, refused, or unreadable.
import { readFileSync } from "node:fs";
import Ajv from "ajv";
import { parseAllDocuments } from "yaml";

const { schemas, cases } = JSON.parse(readFileSync(0, "utf8"));
const ajv = new Ajv({ strictTypes: false });
const judges = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(schema)]));

function verdict({ schema, text }) {
  try {
    const documents = parseAllDocuments(text, { version: "1.2", schema: "core" });
    if (documents.some((d) => d.errors.length > 0)) return "unreadable";
    const values = documents.map((d) => d.toJS({ maxAliasCount: 1000 })).filter((v) => v !== null && v !== undefined);
    return values.every((v) => judges[schema](v)) ? "valid" : "refused";
  } catch {
    return "unreadable"; // nested too deep, or aliases without end
  }
}

process.stdout.write(JSON.stringify(cases.map(verdict)));
