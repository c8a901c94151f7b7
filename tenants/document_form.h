#pragma once
#include "tenants/field_forms.h"

namespace tenants {

/// What `metadata` says.
struct Metadata {
  Located<std::string> name;
};

/// A whole document: apiVersion, kind, metadata.name and spec.
template <typename Spec>
struct Document {
  std::string api_version, kind;
  Metadata metadata;
  Spec spec;
};

template <typename Spec>
Form<Document<Spec>> document_form(const std::string& kind, Form<Spec> spec, bool name_needed) {
  using Whole = Document<Spec>;
  Form<Metadata> metadata =
      object<Metadata>({required("name", &Metadata::name, name_form(), "The name, also of what is made from it.")});
  return object<Whole>({
      required("apiVersion", &Whole::api_version, choice<std::string>({{"bulkhead/v1", "bulkhead/v1"}}),
               "The format's version."),
      required("kind", &Whole::kind, choice<std::string>({{kind, kind}}), "What the document describes."),
      field(name_needed, "metadata", &Whole::metadata, std::move(metadata), "Names the document."),
      required("spec", &Whole::spec, std::move(spec), "What is asked for."),
  });
}

/// The JSON Schema of a document, with the draft it is written in.
template <typename Whole>
base::Json schema_of(const Form<Whole>& form, const std::string& title) {
  base::Json schema = form.schema;
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = title;
  return schema;
}

/// Reads the file, then the document. All findings are reported. @return nullopt when there were any
template <typename Whole>
std::optional<Whole> read_document(const Form<Whole>& form, const base::SourceFile& file,
                                   base::Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.all().size();
  const std::optional<Node> root = read_yaml(file, diagnostics);
  std::optional<Whole> whole;
  if (root) whole = form.read(*root, "", diagnostics);
  if (diagnostics.all().size() != before) whole.reset();
  return whole;
}

}  // namespace tenants
