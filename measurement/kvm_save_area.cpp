#include "measurement/kvm_save_area.h"

#include <algorithm>
#include <cstring>

#include "base/encoding.h"
#include "measurement/save_area.h"

namespace measurement {
namespace {

constexpr std::uint64_t efer_svme = 0x1000;
constexpr std::uint64_t cr4_mce = 0x40;
constexpr std::uint64_t cr0_et = 0x10;
constexpr std::uint64_t cr0_cd_nw = 0x60000000;

SaveArea area_of(base::Bytes page) {
  SaveArea area;
  std::memcpy(&area, page.data(), sizeof area);
  return area;
}

/// KVM's descriptor tables have a base and a limit only.
SavedSegment table_only(const SavedSegment& table) {
  return {std::uint16_t{0}, std::uint16_t{0}, table.limit, table.base};
}

struct Field {
  const char* name;
  std::size_t offset, size;
};
/// The fields kvm_save_area() can change.
constexpr std::array changed_fields{Field{"GDTR selector and attributes", offsetof(SaveArea, gdtr), 4},
                                    Field{"IDTR selector and attributes", offsetof(SaveArea, idtr), 4},
                                    Field{"TR base", offsetof(SaveArea, tr) + offsetof(SavedSegment, base), 8},
                                    Field{"EFER", offsetof(SaveArea, efer), 8},
                                    Field{"CR4", offsetof(SaveArea, cr4), 8},
                                    Field{"CR0", offsetof(SaveArea, cr0), 8},
                                    Field{"MXCSR", offsetof(SaveArea, mxcsr), 4},
                                    Field{"FCW", offsetof(SaveArea, x87_control), 2}};

std::uint64_t number_at(base::Bytes page, const Field& field) {
  std::uint64_t value = 0;
  for (std::size_t i = field.size; i-- > 0;) value = (value << 8U) | page[field.offset + i];
  return value;
}

}  // namespace

base::Buffer kvm_save_area(base::Bytes page, KvmFpuState fpu) {
  SaveArea area = area_of(page);
  area.gdtr = table_only(area.gdtr);
  area.idtr = table_only(area.idtr);
  area.tr.base = area.ldtr.base;  // QEMU's loader takes the wrong one
  area.efer = area.efer.value() | efer_svme;
  area.cr4 = area.cr4.value() | cr4_mce;
  area.cr0 = (area.cr0.value() | cr0_et) & ~cr0_cd_nw;
  area.mxcsr = std::uint32_t{fpu == KvmFpuState::synchronized ? 0x1f80U : 0U};
  area.x87_control = static_cast<std::uint16_t>(fpu == KvmFpuState::synchronized ? 0x37f : 0);
  return base::buffer_of(base::layout_bytes(area));
}

std::vector<std::string> save_area_differences(base::Bytes file, base::Bytes launched) {
  std::vector<std::string> differences;
  for (const Field& field : changed_fields) {
    const std::uint64_t before = number_at(file, field), after = number_at(launched, field);
    if (before != after)
      differences.push_back(std::string(field.name) + " " + base::hex_number(before) + " becomes " +
                            base::hex_number(after));
  }
  return differences;
}

std::optional<std::size_t> unsupported_by_qemu(base::Bytes page) {
  const SaveArea area = area_of(page);
  SaveArea rest = area;
  rest.es = rest.cs = rest.ss = rest.ds = rest.fs = rest.gs = rest.gdtr = rest.ldtr = rest.idtr = rest.tr = {};
  rest.efer = rest.cr4 = rest.cr3 = rest.cr0 = rest.dr7 = rest.dr6 = rest.rflags = rest.rip = base::le64{};
  rest.rsp = rest.rax = rest.g_pat = rest.rcx = rest.rdx = rest.rbx = rest.rbp = rest.rsi = rest.rdi = base::le64{};
  rest.r8 = rest.r9 = rest.r10 = rest.r11 = rest.r12 = rest.r13 = rest.r14 = rest.r15 = base::le64{};
  rest.sev_features = rest.xcr0 = base::le64{};
  rest.mxcsr = base::le32{};
  rest.x87_control = base::le16{};
  const base::Bytes left = base::layout_bytes(rest);
  const auto found = std::find_if(left.begin(), left.end(), [](std::uint8_t byte) { return byte != 0; });
  if (found == left.end()) return std::nullopt;
  return static_cast<std::size_t>(found - left.begin());
}

std::uint64_t sev_features(base::Bytes page) {
  return area_of(page).sev_features.value();
}

}  // namespace measurement
