using System.Threading.Tasks;

/// <summary>
/// Called before a restore, to learn whether the application can roll forward: replay logs it wrote
/// after the backup, on top of the restored files. Returns true or false.
/// </summary>
/// <remarks>
/// What it may assume:
/// - The services in wsb-addin.json still run.
///
/// What it must not assume:
/// - That it learns what will be restored: the answer holds for the application, not for one
///   component.
/// </remarks>
public class IsRollForwardSupported
{
    public Task<object> Invoke(object input)
    {
        return Task.FromResult<object>(false);
    }
}
