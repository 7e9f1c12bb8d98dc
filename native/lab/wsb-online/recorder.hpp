#pragma once

#include "win/wsb-online.hpp"

// Records the arguments of calls below HKLM\SOFTWARE\wsb-addin-lab\WsbOnline.

namespace wsb::lab {

void RecordRegistration(const win::WSB_OB_REGISTRATION_INFO& info);

/// Records a status in place of an earlier one.
void RecordStatus(const win::WSB_OB_STATUS_INFO& info);

}  // namespace wsb::lab
