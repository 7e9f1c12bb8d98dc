#pragma once

#include <napi.h>

#include <vector>

#include "../core/call-sink.hpp"

namespace wsb::napi {

/// A converter of components to JavaScript. It creates the strings of the field names once for a
/// whole list of up to 10,000 components. It must not outlive the handle scope around it.
class ComponentWriter {
  public:
    explicit ComponentWriter(Napi::Env env);

    [[nodiscard]] Napi::Object Write(const Napi::Value& componentName,
                                     const Napi::Value& logicalPath) const;

  private:
    const Napi::Env m_env;
    const Napi::String m_componentName;
    const Napi::String m_logicalPath;
};

/// Reads the components of a JavaScript array; throws a TypeError that names `what` for other
/// values.
[[nodiscard]] std::vector<OwnedComponent> ReadComponents(const Napi::Value& value,
                                                         const char* what);

}  // namespace wsb::napi
