#pragma once
#include <algorithm>
#include <array>

#include "attestation/tcb_info.h"
#include "base/json.h"

/// Members of Intel's JSON documents, read so that a failure says which member of which document it is.
namespace attestation::pcs {

/// One object of a document and the way to it: "TCB info: tcbLevels[2]: tcb".
class Members {
 public:
  Members(const base::Json& object, std::string where);

  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] const std::string& text(std::string_view key) const;
  [[nodiscard]] std::int64_t number(std::string_view key, std::int64_t most) const;
  [[nodiscard]] std::int64_t time(std::string_view key) const;
  [[nodiscard]] base::Buffer hex(std::string_view key, std::size_t size) const;
  template <std::size_t N>
  [[nodiscard]] std::array<std::uint8_t, N> bytes(std::string_view key) const {
    const base::Buffer raw = hex(key, N);
    std::array<std::uint8_t, N> out{};
    std::copy(raw.begin(), raw.end(), out.begin());
    return out;
  }
  [[nodiscard]] Members object(std::string_view key) const;
  /// The objects of an array that may be absent; at most 1000.
  [[nodiscard]] std::vector<Members> objects(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;  ///< of an array that may be absent
  [[noreturn]] void fail(std::string_view key, const std::string& what) const;

  /// "issueDate", "nextUpdate", "tcbEvaluationDataNumber".
  [[nodiscard]] DocumentEdition edition() const;
  /// "tcbStatus", "tcbDate", "advisoryIDs" of a level.
  [[nodiscard]] TcbJudgement judgement() const;
  /// "tcbLevels" with an "isvsvn" each.
  [[nodiscard]] std::vector<IsvSvnLevel> isv_svn_levels() const;

 private:
  [[nodiscard]] const base::Json& at(std::string_view key) const;
  [[nodiscard]] const base::Json::Array* array_if_any(std::string_view key) const;

  const base::Json* object_;
  std::string where_;
};

}  // namespace attestation::pcs
