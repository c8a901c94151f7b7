#pragma once
#include <string>
#include <utility>
#include <vector>

#include "provisioner/owner_mark.h"
#include "provisioner/resource.h"

namespace provisioner {

/// One thing on the host that carries some tenant's mark.
struct MarkedThing {
  std::string name;
  OwnerMark mark;
};

/// What every driver of things with marks does alike: find the tenant's among all marked ones, and tell namesakes
/// apart.
class MarkedDriver : public ResourceDriver {
 public:
  std::vector<Observed> observe(const base::TenantId& tenant) final;
  bool foreign_namesake(const base::TenantId& tenant, const std::string& name) final;
  /// Everything of this kind that carries any tenant's mark.
  virtual std::vector<MarkedThing> marked() = 0;

 protected:
  /// Whether anything of this name exists, marked or not.
  virtual bool exists(const std::string& name) = 0;
  /// How the thing differs from what its mark says it was made from; empty when it does not.
  virtual std::string drift(const MarkedThing& thing) = 0;

  /// Whether the tenant's own thing of that name is there.
  bool has(const base::TenantId& tenant, const std::string& name);
  /// @throws Error{failure} when the name is taken by something without the tenant's mark
  void refuse_foreign(const base::TenantId& tenant, const std::string& name);
};

/// The mark a resource's thing shall carry.
OwnerMark mark_of(const base::TenantId& tenant, const Resource& resource);

/// Runs what takes back a half-made thing unless told that it is whole.
class UndoUnlessDone {
 public:
  explicit UndoUnlessDone(Undo undo) : undo_(std::move(undo)) {}
  UndoUnlessDone(const UndoUnlessDone&) = delete;
  UndoUnlessDone& operator=(const UndoUnlessDone&) = delete;
  ~UndoUnlessDone();
  /// The thing is whole; hands out what takes it back later.
  [[nodiscard]] Undo done() { return std::exchange(undo_, nullptr); }

 private:
  Undo undo_;
};

}  // namespace provisioner
