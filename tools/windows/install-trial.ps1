# Makes the application's data; scaffolds, builds, installs and registers the trial's add-in with a
# writer of the given kind; and installs the service that the add-in stops. Outputs the writer's id.
#
# Copies everything that runs as LocalSystem below Program Files, where only administrators can
# write: the built folder, node.exe, the service program.
param(
    [Parameter(Mandatory)] [ValidateSet('service', 'declared')] [string] $Kind,
    [Parameter(Mandatory)] [string] $DataFolder,
    [Parameter(Mandatory)] [string] $WorkFolder
)
. (Join-Path $PSScriptRoot 'trial.ps1')

$Node = (Get-Command node.exe).Source
$Project = Join-Path ([IO.Path]::GetFullPath($WorkFolder)) 'project'
$Cli = Join-Path $Project 'node_modules\wsb-addin\dist\cli\main.js'

function New-Data {
    foreach ($component in $Trial.Components) {
        $folder = Join-Path $DataFolder $component
        New-Item -ItemType Directory -Force -Path $folder | Out-Null
        Set-Content -LiteralPath (Join-Path $folder 'ledger.db') -Value "original $component" -Encoding Ascii
    }
}

function New-Project {
    $generator = Join-Path $Trial.Repository 'generator\dist\cli.cjs'
    Invoke-Program $Node @(
        $generator, $Project, '--yes', '--name', 'Contoso Ledger', '--identifier', $Trial.Identifier,
        '--writer-id', "{$([guid]::NewGuid())}".ToUpperInvariant(), '--service', $Trial.Service) | Out-Host
    Copy-Item -Force (Join-Path $PSScriptRoot 'trial-addin.ts') (Join-Path $Project 'src\addin.ts')
    Add-Writer
}

# Gives the manifest a writer with a component for each folder of the data.
function Add-Writer {
    $file = Join-Path $Project 'wsb-addin.json'
    $manifest = Get-Content -LiteralPath $file -Raw -Encoding UTF8 | ConvertFrom-Json
    $components = @(foreach ($component in $Trial.Components) {
        $files = @{ path = Join-Path $DataFolder $component; filespec = '*'; recursive = $false }
        @{ name = $component; files = @($files) }
    })
    $writer = @{ kind = $Kind; components = $components }
    $manifest | Add-Member -Force -NotePropertyName writer -NotePropertyValue $writer
    $text = $manifest | ConvertTo-Json -Depth 10
    # Windows PowerShell would write a byte order mark.
    [IO.File]::WriteAllText($file, $text)
    if ($Kind -eq 'service') {
        Copy-Item -Force (Join-Path $PSScriptRoot 'trial-writer.ts') (Join-Path $Project 'src\writer.ts')
    }
}

# The package as it would be published.
function Install-Package {
    Push-Location $Trial.Repository
    try {
        Invoke-Program npm.cmd @('pack', '--pack-destination', $Project) | Out-Host
    } finally {
        Pop-Location
    }
    $tarball = Get-ChildItem -LiteralPath $Project -Filter 'wsb-addin-*.tgz' | Select-Object -First 1
    Push-Location $Project
    try {
        Invoke-Program npm.cmd @('install', '--save-dev', '--no-audit', '--no-fund', $tarball.FullName) | Out-Host
        Invoke-Program npm.cmd @('run', 'build') | Out-Host
    } finally {
        Pop-Location
    }
}

function Copy-Installation {
    New-Item -ItemType Directory -Force -Path $Trial.Folder | Out-Null
    Copy-Item -Recurse -Force (Join-Path $Project 'dist\*') $Trial.Folder
    Copy-Item -Force $Node $Trial.Folder
    $lab = Join-Path $Trial.Repository 'prebuilds\win32-x64\lab'
    Copy-Item -Force (Join-Path $lab 'wsb-lab-service.exe') $Trial.Folder
}

# The service holds the first component's file open without sharing while it runs.
function Install-Service {
    $program = Join-Path $Trial.Folder 'wsb-lab-service.exe'
    $data = Join-Path $DataFolder "$($Trial.Components[0])\ledger.db"
    Invoke-Program $program @('install', $Trial.Service, '--data', $data) | Out-Host
    Start-Service -Name $Trial.Service
}

function Register-Addin {
    $manifest = Join-Path $Trial.Folder 'wsb-addin.json'
    $installedNode = Join-Path $Trial.Folder 'node.exe'
    Invoke-Program $Node @($Cli, 'register', '--manifest', $manifest, '--node', $installedNode) | Out-Host
    Invoke-Program $Node @($Cli, 'status', '--manifest', $manifest) | Out-Host
}

New-Data
New-Project
Install-Package
Copy-Installation
Install-Service
Register-Addin
(Get-Manifest).writerId
