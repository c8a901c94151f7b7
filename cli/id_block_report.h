#pragma once
#include <vector>

#include "cli/launch_report.h"
#include "measurement/id_block.h"

namespace cli {

/// Every field of an ID block, for people.
std::vector<Assumption> id_block_lines(const measurement::IdBlock& block);
/// Who signed, and whether the signatures are genuine where a verdict is given. @param verdict nullptr: without the
/// block its signature cannot be checked
std::vector<Assumption> id_authentication_lines(const measurement::IdAuthentication& authentication,
                                                const measurement::IdVerdict* verdict);
/// The numbers of keys and signatures, most significant byte first.
std::vector<Assumption> id_number_lines(const measurement::IdAuthentication& authentication);
/// An object with the lines' values by their keys.
base::Json lines_json(const std::vector<Assumption>& lines);

}  // namespace cli
