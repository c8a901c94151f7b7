#pragma once
#include <string>
#include <vector>

#include "measurement/bank_digests.h"

namespace measurement {

/// The Authenticode digests of a PE image as edk2 measures it into PCR 4: headers without CheckSum and the certificate
/// directory entry, sections in file order, then what follows them without the certificate table.
/// Source: Windows Authenticode PE Signature Format 1.0, "Calculating the PE Image Hash"; edk2 DxeTpm2MeasureBootLib.
/// @throws base::Error{malformed} with the offset when `image` is no PE32 or PE32+ image
BankDigests authenticode_digests(base::Bytes image);

/// The PKCS#7 signatures of a PE image, in file order; views of it.
/// Source: Windows Authenticode PE Signature Format 1.0, "WIN_CERTIFICATE".
/// @throws base::Error{malformed} as authenticode_digests() does, and for a damaged certificate table
std::vector<base::Bytes> pe_signatures(base::Bytes image);

/// A section of a PE image as the file has it.
struct PeSection {
  std::string name;                ///< without the NULs after it
  std::uint32_t virtual_size = 0;  ///< bytes in memory
  base::Bytes raw;                 ///< bytes in the file, a view of the image; often padded, or shorter than in memory
};
/// The sections in the order of the section table. Source: Microsoft PE Format, "Section Table (Section Headers)".
/// @throws base::Error{malformed} as authenticode_digests() does
std::vector<PeSection> pe_sections(base::Bytes image);

}  // namespace measurement
