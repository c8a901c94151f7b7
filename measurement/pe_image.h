#pragma once
#include "measurement/bank_digests.h"

namespace measurement {

/// The Authenticode digests of a PE image as edk2 measures it into PCR 4: headers without CheckSum and the certificate
/// directory entry, sections in file order, then what follows them without the certificate table.
/// Source: Windows Authenticode PE Signature Format 1.0, "Calculating the PE Image Hash"; edk2 DxeTpm2MeasureBootLib.
/// @throws base::Error{malformed} with the offset when `image` is no PE32 or PE32+ image
BankDigests authenticode_digests(base::Bytes image);

}  // namespace measurement
