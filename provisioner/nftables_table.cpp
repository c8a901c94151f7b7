#include "provisioner/nftables_table.h"

#include <nftables/libnftables.h>

#include <memory>
#include <sstream>

#include "base/crypto.h"
#include "base/error.h"
#include "provisioner/network_namespace_thread.h"

namespace provisioner {
namespace {

constexpr const char* record_chain = "made_from";

/// One context; its netlink socket belongs to the namespace of the calling thread.
class Nft {
 public:
  Nft() : context_(::nft_ctx_new(NFT_CTX_DEFAULT)) {
    if (context_ == nullptr) throw base::Error(base::Kind::host, "cannot open nftables (this needs root)");
    ::nft_ctx_buffer_output(context_.get());
    ::nft_ctx_buffer_error(context_.get());
    ::nft_ctx_output_set_flags(context_.get(), NFT_CTX_OUTPUT_STATELESS);
  }
  /// nullopt and `errors` when nft refuses.
  std::optional<std::string> try_run(const std::string& commands, std::string& errors) {
    const int refused = ::nft_run_cmd_from_buffer(context_.get(), commands.c_str());
    const std::string output = ::nft_ctx_get_output_buffer(context_.get());
    errors = ::nft_ctx_get_error_buffer(context_.get());
    if (refused != 0) return std::nullopt;
    return output;
  }
  std::string run(const std::string& commands) {
    std::string errors;
    const std::optional<std::string> output = try_run(commands, errors);
    if (!output) throw base::Error(base::Kind::host, "nftables refused: " + errors);
    return *output;
  }

 private:
  struct Free {
    void operator()(nft_ctx* context) const { ::nft_ctx_free(context); }
  };
  std::unique_ptr<nft_ctx, Free> context_;
};

/// Adds lines after the line that opens the table.
std::string with_lines(const std::string& ruleset, const std::string& lines) {
  const std::size_t opening = ruleset.find("{\n");
  if (opening == std::string::npos) throw base::Error(base::Kind::failure, "a ruleset that opens no table");
  std::string text = ruleset;
  return text.insert(opening + 2, lines);
}

std::string words_of(const TableAddress& table) {
  return "table " + table.family + " " + table.name;
}

std::string replacement(const TableAddress& table, const std::string& definition) {
  return words_of(table) + "\ndelete " + words_of(table) + "\n" + definition;
}

/// A listing without our comment and our empty chain, which is what two loads of one ruleset have in common.
std::string rules_of(const std::string& listing) {
  std::istringstream lines(listing);
  std::string text, line;
  bool first = true, in_record = false;
  while (std::getline(lines, line)) {
    if (line == std::string("\tchain ") + record_chain + " {") in_record = true;
    const bool ours = in_record || line.empty() || (line.starts_with("\tcomment ") && !first);
    if (line == "\t}") in_record = false;
    if (!ours) text += line + "\n";
    first = false;
  }
  return text;
}

std::string comment_after(const std::string& listing, std::size_t from) {
  constexpr std::string_view opening = "comment \"";
  const std::size_t start = listing.find(opening, from);
  if (start == std::string::npos) return {};
  const std::size_t text = start + opening.size();
  return listing.substr(text, listing.find('"', text) - text);
}

std::string digest_of_rules(const std::string& listing) {
  return base::sha256(base::bytes_of(rules_of(listing))).hex();
}

}  // namespace

std::vector<std::string> tables_of(const std::string& network_namespace, const std::string& family) {
  std::string output;
  in_network_namespace(network_namespace, [&] { output = Nft().run("list tables " + family); });
  std::istringstream words(output);
  std::vector<std::string> names;
  for (std::string table, shown_family, name; words >> table >> shown_family >> name;) names.push_back(name);
  return names;
}

std::optional<std::string> table_listing(const TableAddress& table) {
  std::optional<std::string> output;
  std::string errors;
  in_network_namespace(table.network_namespace, [&] { output = Nft().try_run("list " + words_of(table), errors); });
  if (!output && errors.find("No such file or directory") == std::string::npos)
    throw base::Error(base::Kind::host, "nftables refused: " + errors);
  return output;
}

void load_table(const TableAddress& table, const std::string& ruleset, const OwnerMark& mark) {
  std::string digest;
  in_scratch_network_namespace([&] {
    Nft nft;
    nft.run(ruleset);
    digest = digest_of_rules(nft.run("list " + words_of(table)));
  });
  const std::string remarks =
      "\tcomment \"" + mark.text() + "\"\n\tchain " + record_chain + " {\n\t\tcomment \"" + digest + "\"\n\t}\n";
  restore_table(table, with_lines(ruleset, remarks));
}

void restore_table(const TableAddress& table, const std::string& listing) {
  in_network_namespace(table.network_namespace, [&] { Nft().run(replacement(table, listing)); });
}

void delete_table(const TableAddress& table) {
  in_network_namespace(table.network_namespace, [&] { Nft().run("delete " + words_of(table)); });
}

std::optional<OwnerMark> listing_mark(const std::string& listing) {
  const std::size_t first_chain = listing.find("\tchain ");
  const std::string comment = comment_after(listing, 0);
  if (listing.find("comment \"") > first_chain) return std::nullopt;
  return OwnerMark::parse(comment);
}

bool listing_is_as_loaded(const std::string& listing) {
  const std::size_t record = listing.find(std::string("\tchain ") + record_chain + " {");
  return record != std::string::npos && comment_after(listing, record) == digest_of_rules(listing);
}

}  // namespace provisioner
