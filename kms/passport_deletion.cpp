#include "kms/passport_deletion.h"

#include "base/error.h"
#include "base/initdata.h"
#include "kms/passport.h"

namespace kms {
namespace {

/// Who runs a command did not always write the place: it may come from a service at the operator's.
void expect_quotable(const Place& place) {
  for (const std::string& path : {place.name_space, place.mount}) {
    if (path.empty() || base::is_kms_path(path)) continue;
    throw base::Error(base::Kind::malformed, "kms place: wanted namespace and mount of letters, digits, '-' and '_'");
  }
}

/// The flag of `bao` with a blank after it.
std::string within(const Place& place) {
  return place.name_space.empty() ? "" : "-namespace='" + place.name_space + "' ";
}

}  // namespace

std::string passport_deletion(const Place& place, const base::GuestId& guest, const std::string& volume,
                              std::uint32_t version) {
  expect_quotable(place);
  return "bao kv metadata delete " + within(place) + "-mount='" + passport_engine(place.mount) + "' '" +
         passport_name(guest, "volumes/" + volume, version) + "'";
}

std::string passport_end(const Place& place) {
  expect_quotable(place);
  return "bao secrets disable " + within(place) + "'" + passport_engine(place.mount) + "'";
}

}  // namespace kms
