#include <gmock/gmock.h>

#include <filesystem>
#include <map>

#include "base/json.h"
#include "tests/cli/pinned_tenant.h"
#include "tests/cli/run_command.h"
#include "tests/measurement/firmware_image.h"

// What the next key of an owner changes in the plan: whether guests start again, and their service.

namespace cli {
namespace {

using testing::HasSubstr;

constexpr const char* all_keys =
    "      idKey: initech-id.pub\n      authorKey: initech-author.pub\n      recoveryKey: initech-recovery.pub\n";

class RotatedOwnerKeys : public PinnedTenant {
 protected:
  RotatedOwnerKeys() {
    base::write_file_atomically(file("firmware"), measurement::firmware_image::firmware(), 0644);
    ::setenv("XDG_CACHE_HOME", file("cache").c_str(), 1);
    for (const std::string kind : {"id", "author", "recovery"}) must({"keys", kind, "--out", file("initech-" + kind)});
    write_tenant("snp", "EPYC-Milan", all_keys);
  }
  ~RotatedOwnerKeys() override { ::unsetenv("XDG_CACHE_HOME"); }

  static void must(const std::vector<std::string>& words) {
    const Ran ran = run_command(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
  }
  /// Everything planned, by kind and name, as its digest.
  std::map<std::string, std::string> planned() {
    const Ran ran = run_command({"plan", file("initech.yaml"), file("site.yaml"), "--out", file(""), "--offline"});
    EXPECT_EQ(ran.code, 2) << ran.err;
    std::map<std::string, std::string> digests;
    const base::Json plan = base::Json::parse(base::read_file(file("initech.plan.json")), "plan");
    for (const base::Json& one : plan.at("resources").array())
      digests[one.at("kind").text() + " " + one.at("name").text()] = one.at("digest").text();
    digests["intent"] = plan.at("intentDigest").text();
    return digests;
  }
  Ran approve(const std::string& key) {
    std::filesystem::remove(file("approval"));
    return run_command({"approve", file("initech.yaml"), file("site.yaml"), "--plan", file("initech.plan.json"),
                        "--key", file(key + ".key"), "--id-key", file("initech-id.key"), "--author-key",
                        file("initech-author.key"), "--out", file("approval")});
  }
};

struct Change {
  const char *old, *ending;
  std::string guests;  ///< which start again, as their domains' names begin; only workers have a volume
  bool service;        ///< whether it starts again
};

void PrintTo(const Change& change, std::ostream* out) {
  *out << change.old;
}

class RotatedOwnerKey : public RotatedOwnerKeys, public testing::WithParamInterface<Change> {};

TEST_P(RotatedOwnerKey, StartsAgainWhatItsPageSays) {
  const Change& change = GetParam();
  const auto before = planned();
  must({"keys", "rotate", file(std::string(change.old) + change.ending), "--out", file("next")});
  edit("initech.yaml", std::string(change.old) + change.ending, std::string("next") + change.ending);
  const auto after = planned();
  EXPECT_NE(before.at("intent"), after.at("intent")) << "owners approve anew";
  for (const auto& [name, digest] : before) {
    const auto same = after.find(name);
    const bool unchanged = same != after.end() && same->second == digest;
    if (name.starts_with("domain ")) {
      EXPECT_EQ(unchanged, !name.starts_with("domain bh-initech-" + change.guests)) << name;
    }
    if (name.starts_with("service ")) {
      EXPECT_EQ(unchanged, !change.service) << name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Table, RotatedOwnerKey,
                         testing::Values(Change{"initech-approval", ".pub", "none", true},
                                         Change{"initech-id", ".pub", "", false},
                                         Change{"initech-author", ".pub", "", false},
                                         Change{"initech-recovery", ".pub", "worker", false},
                                         Change{"initech-ca", ".pem", "", true}));

TEST_F(RotatedOwnerKeys, ApproveWithTheNextKeyAndNotWithTheOneBefore) {
  planned();
  EXPECT_EQ(approve("initech-approval").code, 0);
  must({"keys", "rotate", file("initech-approval.pub"), "--out", file("next")});
  edit("initech.yaml", "initech-approval.pub", "next.pub");
  planned();
  EXPECT_NE(approve("initech-approval").code, 0);
  const Ran approved = approve("next");
  EXPECT_EQ(approved.code, 0) << approved.err;
}

}  // namespace
}  // namespace cli
