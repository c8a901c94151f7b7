#include "cli/check.h"

#include "base/error.h"
#include "base/json.h"
#include "cli/documents.h"
#include "tenants/documents.h"

namespace cli {
namespace {

using base::Json;

Json place(const base::SourcePosition& where) {
  return Json::Object{{"file", where.file}, {"line", where.line}, {"column", where.column}, {"length", where.length}};
}

Json findings_json(const Documents& documents) {
  Json json;
  json["schema"] = "bulkhead.findings/v1";
  json["findings"] = Json::Array{};
  for (const base::Diagnostic& finding : documents.diagnostics.all()) {
    Json entry;
    entry["severity"] = finding.severity == base::Severity::error ? "error" : "warning";
    entry["where"] = place(finding.where);
    entry["message"] = finding.message;
    entry["notes"] = Json::Array{};
    for (const base::Note& note : finding.notes) {
      entry["notes"].push_back(Json::Object{{"where", place(note.where)}, {"message", note.message}});
    }
    json["findings"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace

int check(const CheckOptions& options, Console& console) {
  Documents documents = load_documents(options.documents);
  const bool good = options.json ? documents.diagnostics.errors() == 0 : report_findings(documents, console);
  if (options.json) {
    console.out << findings_json(documents).pretty();
  } else if (documents.diagnostics.all().empty()) {
    console.out << documents.tenants.size() << (documents.tenants.size() == 1 ? " tenant" : " tenants")
                << ", no findings\n";
  }
  return good ? 0 : findings_exit_code(documents);
}

int print_schema(const SchemaOptions& options, Console& console) {
  const Json schema = options.kind == "tenant" ? tenants::tenant_schema()
                      : options.kind == "site" ? tenants::site_schema()
                                               : tenants::image_recipe_schema();
  console.out << schema.pretty();
  return 0;
}

}  // namespace cli
