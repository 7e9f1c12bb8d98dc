# Installs Windows Server Backup and shows its cmdlets, the applications that Windows registers, and
# the marshalling code of the add-in interfaces.
. (Join-Path $PSScriptRoot 'trial.ps1')

function Install-Backup {
    $result = Install-WindowsFeature -Name Windows-Server-Backup
    $result | Format-List Success, RestartNeeded, ExitCode | Out-Host
    if (-not $result.Success) {
        throw 'Windows Server Backup was not installed.'
    }
    # A restart would end the job.
    if ("$($result.RestartNeeded)" -eq 'Yes') {
        throw 'Windows requires a restart after the installation of the feature.'
    }
}

function Show-Marshalling {
    $interfaces = [ordered]@{
        IWsbApplicationBackupSupport  = '{1EFF3510-4A27-46AD-B9E0-08332F0F4F6D}'
        IWsbApplicationRestoreSupport = '{8D3BDB38-4EE8-4718-85F9-C7DBC4AB77AA}'
        IWsbApplicationAsync          = '{0843F6F7-895C-44A6-B0C2-05A5022AA3A1}'
    }
    foreach ($name in $interfaces.Keys) {
        $key = "HKLM:\SOFTWARE\Classes\Interface\$($interfaces[$name])\ProxyStubClsid32"
        if (Test-Path -LiteralPath $key) {
            $clsid = (Get-Item -LiteralPath $key).GetValue('')
            Write-Host "$name is marshalled by $clsid."
        } else {
            Write-Warning "$name has no ProxyStubClsid32 after the feature was installed."
        }
    }
}

function Show-Applications {
    $key = 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\WindowsServerBackup\Application Support'
    if (-not (Test-Path -LiteralPath $key)) {
        Write-Host 'No application is registered with Windows Server Backup.'
        return
    }
    foreach ($writer in Get-ChildItem -LiteralPath $key) {
        $identifier = $writer.GetValue('Application Identifier')
        $clsid = $writer.GetValue('CLSID')
        Write-Host "$($writer.PSChildName): identifier '$identifier', CLSID '$clsid'"
    }
}

Install-Backup
Get-Command -Module WindowsServerBackup | Format-Table Name, Version | Out-Host
Show-Marshalling
Show-Applications
Invoke-Program vssadmin.exe list, writers | Out-Host
