// Makes static/govuk-frontend-<version>.min.css and .min.js; see README.md.
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { compile } from "sass";

const here = new URL("./", import.meta.url);
const made = new URL("../evenhand_serve/static/", here);
const frontend = new URL("node_modules/govuk-frontend/", here);
const { version } = JSON.parse(readFileSync(new URL("package.json", frontend), "utf8"));
const licence = `/* GOV.UK Frontend ${version}, MIT: see LICENSE-govuk-frontend.txt */\n`;

const style = compile(new URL("govuk-frontend.scss", here).pathname, {
  loadPaths: [new URL("node_modules", here).pathname],
  style: "compressed",
  charset: false,
  quietDeps: true,
});
if (/@font-face|GDS Transport|url\((?!"data:|data:)/.test(style.css)) {
  throw new Error("the style sheet names a font or an image; it must not");
}
const script = readFileSync(new URL("dist/govuk/govuk-frontend.min.js", frontend), "utf8");

for (const name of readdirSync(made).filter((one) => /^govuk-frontend-.*\.min\.(css|js)$/.test(one))) {
  rmSync(new URL(name, made));
}
writeFileSync(new URL(`govuk-frontend-${version}.min.css`, made), `${licence}${style.css.trim()}\n`);
// Without the last line that points to a source map, which is not kept here.
writeFileSync(
  new URL(`govuk-frontend-${version}.min.js`, made),
  `${licence}${script.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "").trim()}\n`,
);
