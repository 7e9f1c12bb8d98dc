#pragma once

#include "win/wsb-online.hpp"

// Writes down what the functions were called with, below HKLM\SOFTWARE\wsb-addin-lab\WsbOnline.

namespace wsb::lab {

void RecordRegistration(const win::WSB_OB_REGISTRATION_INFO& info);

/// Replaces the record of an earlier status.
void RecordStatus(const win::WSB_OB_STATUS_INFO& info);

}  // namespace wsb::lab
