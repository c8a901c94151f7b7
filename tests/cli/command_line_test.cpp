#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/run_command.h"

namespace {

using cli::Ran;
using testing::HasSubstr;

Ran run(const std::vector<const char*>& words) {
  return cli::run_command({words.begin(), words.end()});
}

TEST(CommandLine, ShowsVersionAndHelpAsFacts) {
  EXPECT_THAT(run({"--version"}).out, HasSubstr("bulkhead 0."));
  const Ran help = run({"--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_EQ(help.err, "");
  for (const char* verb : {"check", "plan", "build", "measure", "approve", "apply", "attest", "status", "destroy"}) {
    EXPECT_THAT(help.out, HasSubstr(std::string("\n  ") + verb + " ")) << verb;
  }
}

struct Wrong {
  std::vector<const char*> words;
  const char* message;
};

class WrongUse : public testing::TestWithParam<Wrong> {};

TEST_P(WrongUse, ExitsWith64AndNamesTheWord) {
  const Ran ran = run(GetParam().words);
  EXPECT_EQ(ran.code, 64);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, WrongUse,
    testing::Values(Wrong{{}, "subcommand is required"}, Wrong{{"chek"}, "chek"}, Wrong{{"check"}, "documents"},
                    Wrong{{"check", "a.yaml", "--jsn"}, "--jsn"}, Wrong{{"build", "a.yaml"}, "--out"},
                    Wrong{{"build", "--out", "o"}, "recipe"}, Wrong{{"build", "a", "b", "--out", "o"}, "b"},
                    Wrong{{"schema", "guest"}, "guest"},
                    Wrong{{"host", "probe", "--tee", "sgx"}, "--tee: wanted snp, tdx or emulated, got 'sgx'"},
                    Wrong{{"host"}, "subcommand is required"}, Wrong{{"apply", "--plan", "p"}, "--approval"},
                    Wrong{{"approve", "a.yaml", "--plan", "p", "--out", "o"}, "--key"},
                    Wrong{{"approve", "a", "--plan", "p", "--out", "o", "--key", "k", "--valid-days", "0"}, "0"},
                    Wrong{{"attest", "--timeout", "-1"}, "-1"}, Wrong{{"keys", "ca", "--out", "o"}, "--tenant"}));

TEST(CommandLine, TakesOneFileForEachKeySoThatDocumentsMayFollow) {
  const Ran ran = run({"approve", "--plan", "p", "--out", "o", "--key", "k", "none.yaml"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("cannot read p"));
}

TEST(CommandLine, SaysWhichFileItCannotRead) {
  const Ran ran = run({"check", "/nowhere/acme.yaml"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "bulkhead: cannot read /nowhere/acme.yaml: No such file or directory\n");
}

}  // namespace
