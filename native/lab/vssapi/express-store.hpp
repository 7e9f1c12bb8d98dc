#pragma once

#include <windows.h>

#include <string>

// Where documents of express writers lie, as Windows' own writer for them names it.

namespace wsb::lab {

/// Stores a new document; it is on the disk when this returns.
/// @exception HresultError VSS_E_OBJECT_ALREADY_EXISTS when the writer has one.
void StoreDocument(const GUID& writerId, const std::wstring& xml);

/// @exception HresultError VSS_E_OBJECT_NOT_FOUND when the writer has none.
void RemoveDocument(const GUID& writerId);

}  // namespace wsb::lab
