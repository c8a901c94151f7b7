#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "provisioner/resource.h"

namespace provisioner {

using base::Json;

inline const base::TenantId acme{"e2e-acme"}, globex{"e2e-globex"};

/// Removes what a test made, whatever becomes of the test.
class HostDrivers : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "making links, namespaces and filters needs root";
  }
  void TearDown() override {
    for (auto undo = undos_.rbegin(); undo != undos_.rend(); ++undo) {
      try {
        (*undo)();
      } catch (const base::Error& error) {
        ADD_FAILURE() << "undo: " << error.what();
      }
    }
  }
  /// Undos speak to their driver, so it lives as long as they do.
  template <typename Driver>
  Driver* kept(std::unique_ptr<Driver> driver) {
    Driver* const raw = driver.get();
    drivers_.push_back(std::move(driver));
    return raw;
  }
  void make(ResourceDriver& driver, const Resource& wanted) { undos_.push_back(driver.make(acme, wanted)); }

  std::vector<std::unique_ptr<ResourceDriver>> drivers_;
  std::vector<Undo> undos_;
};

inline Resource bridge(const std::string& name) {
  return {ResourceKind::bridge, name, Json::Object{{"pool", "worker"}}};
}

inline Resource router() {
  return {ResourceKind::router, "bh-e2e-acme",
          Json::Object{{"service", Json::Object{{"address", "10.77.255.1"}}},
                       {"pools", Json::Array{Json::Object{{"pool", "worker"},
                                                          {"bridge", "bhe2e0"},
                                                          {"interface", "worker"},
                                                          {"hostLink", "bhe2e1"},
                                                          {"gateway", "10.77.1.1"},
                                                          {"cidr", "10.77.1.0/24"}}}},
                       {"uplinks", Json::Array{}}}};
}

}  // namespace provisioner
