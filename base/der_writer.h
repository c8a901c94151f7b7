#pragma once
#include "base/der_reader.h"

namespace base {

/// An element of a DER encoding: tag, length in its shortest definite form, content. Source: X.690, sections 8.1 and
/// 10.1
Buffer der_element(DerTag tag, Bytes content);

}  // namespace base
