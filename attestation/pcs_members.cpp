#include "attestation/pcs_members.h"

#include "attestation/printable.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/utc_time.h"

namespace attestation::pcs {
namespace {

constexpr std::size_t most_elements = 1000;
constexpr std::int64_t largest_svn = 0xFFFF;

}  // namespace

Members::Members(const base::Json& object, std::string where) : object_(&object), where_(std::move(where)) {
  if (!object.is_object()) throw base::Error(base::Kind::malformed, where_ + ": wanted an object");
}

void Members::fail(std::string_view key, const std::string& what) const {
  throw base::Error(base::Kind::malformed, where_ + ": " + std::string(key) + ": " + what);
}

const base::Json& Members::at(std::string_view key) const {
  const base::Json* const found = object_->find(key);
  if (found == nullptr) fail(key, "missing");
  return *found;
}

bool Members::has(std::string_view key) const {
  return object_->find(key) != nullptr;
}

const std::string& Members::text(std::string_view key) const {
  const base::Json& value = at(key);
  if (!value.is_string()) fail(key, "wanted a string");
  return value.text();
}

std::int64_t Members::number(std::string_view key, std::int64_t most) const {
  const base::Json& value = at(key);
  if (!value.is_integer() || value.integer() < 0 || value.integer() > most)
    fail(key, "wanted a whole number of 0 to " + std::to_string(most));
  return value.integer();
}

std::int64_t Members::time(std::string_view key) const {
  const std::optional<std::int64_t> time = base::parse_utc(text(key));
  if (!time) fail(key, "got '" + printable(text(key)) + "', wanted a time like 2026-03-16T22:06:09Z");
  return *time;
}

base::Buffer Members::hex(std::string_view key, std::size_t size) const {
  std::optional<base::Buffer> bytes = base::from_hex(text(key));
  if (!bytes || bytes->size() != size) fail(key, "wanted " + std::to_string(2 * size) + " hexadecimal digits");
  return std::move(*bytes);
}

Members Members::object(std::string_view key) const {
  return {at(key), where_ + ": " + std::string(key)};
}

const base::Json::Array* Members::array_if_any(std::string_view key) const {
  const base::Json* const found = object_->find(key);
  if (found == nullptr) return nullptr;
  if (!found->is_array() || found->array().size() > most_elements)
    fail(key, "wanted an array of at most " + std::to_string(most_elements));
  return &found->array();
}

std::vector<Members> Members::objects(std::string_view key) const {
  std::vector<Members> found;
  const base::Json::Array* const array = array_if_any(key);
  for (std::size_t i = 0; array != nullptr && i < array->size(); ++i)
    found.emplace_back((*array)[i], where_ + ": " + std::string(key) + "[" + std::to_string(i) + "]");
  return found;
}

std::vector<std::string> Members::texts(std::string_view key) const {
  std::vector<std::string> found;
  const base::Json::Array* const array = array_if_any(key);
  if (array == nullptr) return found;
  for (const base::Json& element : *array) {
    if (!element.is_string()) fail(key, "wanted strings");
    found.push_back(printable(element.text()));
  }
  return found;
}

DocumentEdition Members::edition() const {
  const DocumentEdition edition{time("issueDate"), time("nextUpdate"), number("tcbEvaluationDataNumber", 0xFFFFFFFF)};
  if (edition.next_update < edition.issued) fail("nextUpdate", "is before issueDate");
  return edition;
}

TcbJudgement Members::judgement() const {
  const std::optional<TcbStatus> status = parse_tcb_status(text("tcbStatus"));
  if (!status) fail("tcbStatus", "got '" + printable(text("tcbStatus")) + "', wanted a status that levels have");
  return {*status, time("tcbDate"), texts("advisoryIDs")};
}

std::vector<IsvSvnLevel> Members::isv_svn_levels() const {
  std::vector<IsvSvnLevel> levels;
  for (const Members& level : objects("tcbLevels")) {
    const auto isv_svn = static_cast<std::uint16_t>(level.object("tcb").number("isvsvn", largest_svn));
    levels.push_back({isv_svn, level.judgement()});
  }
  return levels;
}

}  // namespace attestation::pcs
