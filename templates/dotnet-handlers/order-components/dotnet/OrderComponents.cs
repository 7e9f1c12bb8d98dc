using System.Threading.Tasks;

/// <summary>Called once before a restore, with the components that were chosen for it.</summary>
/// <remarks>
/// input has what wsb-addin passes to every method: "request", whose "components" are objects with
/// "componentName" and "logicalPath"; "log"; "aborted".
///
/// Returns the same components, all of them, in the order they are to be restored in, or null when
/// the order does not matter. Anything else is an error and fails the call.
///
/// What it may assume:
/// - No file has been restored yet, and the services in wsb-addin.json still run.
///
/// What it must not assume:
/// - That PreRestore runs in the same process: keep nothing in memory for it.
/// </remarks>
public class OrderComponents
{
    public Task<object> Invoke(object input)
    {
        return Task.FromResult<object>(null);
    }
}
